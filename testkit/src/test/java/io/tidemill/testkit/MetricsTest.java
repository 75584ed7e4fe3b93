package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.CompressionType;
import io.tidemill.Consumer;
import io.tidemill.LaneMetrics;
import io.tidemill.MetricsListener;
import io.tidemill.PartitionMetrics;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.errors.BufferExhaustedException;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import io.tidemill.testkit.BrokenStorage.Act;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** O01: what a broker tells a listener, once per batch, and what it tells who asks. */
class MetricsTest {
    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private final Told told = new Told();

    /** Writes down what it is told of the topic "t". */
    private static final class Told implements MetricsListener {
        private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
        private final List<LaneMetrics> lanes = new ArrayList<>();
        private final List<PartitionMetrics> partitions = new ArrayList<>();

        private void line(String topic, String line) {
            if (topic.equals("t")) {
                lines.add(line);
            }
        }

        @Override
        public void onLaneOpened(LaneMetrics lane) {
            lanes.add(lane);
        }

        @Override
        public void onPartitionOpened(PartitionMetrics partition) {
            partitions.add(partition);
            line(partition.topic(), "opened " + partition.partition());
        }

        @Override
        public void onPartitionRemoved(String topic, int partition) {
            line(topic, "removed " + partition);
        }

        @Override
        public void onAppend(String topic, int partition, int records, int bytes, long tookNs) {
            line(topic, "append " + partition + " records=" + records + " bytes=" + bytes + " tookNs=" + tookNs);
        }

        @Override
        public void onFlush(String topic, int partition, long tookNs) {
            line(topic, "flush " + partition + " tookNs=" + tookNs);
        }

        @Override
        public void onRoll(String topic, int partition, long bytes) {
            line(topic, "roll " + partition);
        }

        @Override
        public void onDelete(String topic, int partition, long startOffset, long bytes) {
            line(topic, "delete " + partition + " startOffset=" + startOffset);
        }

        @Override
        public void onFail(String topic, int partition, int records) {
            line(topic, "fail " + partition + " records=" + records);
        }

        @Override
        public void onBlock(String topic, int partition, long waitedNs, boolean isRefused) {
            line(topic, "block " + partition + " waitedNs=" + waitedNs + " isRefused=" + isRefused);
        }

        @Override
        public void onRead(String topic, int partition, int records, int bytes) {
            line(topic, "read " + partition + " records=" + records + " bytes=" + bytes);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsOfABatchOnceAndNotOfItsRecords(Engine engine) {
        try (Broker broker = open(engine.storage(directory), BrokerSettings.defaults())) {
            Topic<String, String> topic =
                    topic(broker, TopicSettings.partitions(1).withFlush(FlushSettings.EVERY_BATCH));
            for (int i = 0; i < 10; i++) {
                topic.send("k", "v");
            }
            broker.doWork();
            try (Consumer<String, String> consumer = topic.consumer()) {
                assertEquals(10, consumer.poll(Duration.ZERO).size());
            }

            int recordBytes = 32;
            assertEquals(
                    List.of(
                            "opened 0",
                            "append 0 records=10 bytes=" + (64 + 10 * recordBytes) + " tookNs=0",
                            "flush 0 tookNs=0",
                            "read 0 records=10 bytes=" + 10 * recordBytes),
                    told.lines);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void countsWhetherSomebodyListensOrNot(Engine engine) {
        Seams deaf = new Seams(clock, clock, new SplittableRandom(1), Threads.manual());
        PartitionMetrics metrics;
        long bytes;
        try (Broker broker = Broker.open(engine.storage(directory), BrokerSettings.defaults(), deaf)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(2));
            metrics = partition(broker, 1);
            assertEquals(0, metrics.logBytes());
            for (int batch = 0; batch < 3; batch++) {
                try (RawProducer producer = topic.rawProducer(1)) {
                    for (int i = 0; i < 5; i++) {
                        producer.claim(1, 1);
                        producer.commit();
                    }
                }
                broker.doWork();
            }
            try (RawConsumer consumer = topic.rawConsumer(1)) {
                consumer.poll(record -> {}, 7);
                consumer.seek(0);
                consumer.poll(record -> {}, 1);
            }

            assertEquals(3, metrics.appendedBatches());
            assertEquals(15, metrics.appendedRecords());
            assertEquals(3 * (64 + 5 * 32), metrics.appendedBytes());
            assertEquals(8, metrics.readRecords());
            assertEquals(8 * 32, metrics.readBytes());
            assertEquals(0, metrics.startOffset());
            assertEquals(15, metrics.endOffset());
            assertTrue(metrics.logBytes() >= metrics.appendedBytes(), () -> "logBytes=" + metrics.logBytes());
            assertEquals(0, partition(broker, 0).appendedRecords());
            bytes = metrics.logBytes();
        }
        assertEquals(15, metrics.endOffset());
        assertEquals(0, metrics.startOffset());
        assertEquals(15, metrics.appendedRecords());
        assertEquals(bytes, metrics.logBytes());
    }

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void isToldOfWhatWasAcknowledgedWhoeverDoesTheWork(Threads.Mode mode) {
        Threads threads = switch (mode) {
            case DEDICATED -> Threads.dedicated();
            case SHARED -> Threads.shared();
            case MANUAL -> Threads.manual();
        };
        Seams seams = Seams.system().withMetricsListener(told).withThreads(threads);
        try (Broker broker = Broker.open(Storage.inMemory(), BrokerSettings.defaults(), seams)) {
            topic(broker, TopicSettings.partitions(1)).send("k", "v").join();

            assertEquals(2, told.lines.size());
            assertTrue(told.lines.get(1).startsWith("append 0 records=1 "), told.lines::toString);
            assertEquals(1, partition(broker, 0).appendedRecords());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsOfFilesThatAreSealedAndDeleted(Engine engine) {
        TopicSettings small =
                TopicSettings.partitions(1).withSegmentBytes(16 * 1024).withRetention(Duration.ofHours(1));
        try (Broker broker = open(engine.storage(directory), BrokerSettings.defaults())) {
            Topic<String, String> topic = topic(broker, small);
            for (int i = 0; i < 50; i++) {
                topic.send("k", "v".repeat(1_000)).join();
            }
            PartitionMetrics metrics = partition(broker, 0);
            long filled = metrics.logBytes();
            assertEquals(engine == Engine.MEMORY ? 0 : 4, metrics.rolls());
            assertEquals(
                    metrics.rolls(),
                    told.lines.stream().filter("roll 0"::equals).count());

            clock.advance(Duration.ofHours(2));
            broker.doWork();

            assertEquals(50, metrics.startOffset());
            assertTrue(told.lines.contains("delete 0 startOffset=50"), told.lines::toString);
            assertEquals(filled, metrics.deletedBytes());
            assertEquals(0, metrics.logBytes());
        }
    }

    @Test
    void countsWhatIsStoredCompressedAndWhatIsReadPlain() {
        try (Broker broker = open(Storage.inMemory(), BrokerSettings.defaults())) {
            Topic<String, String> topic =
                    topic(broker, TopicSettings.partitions(1).withCompression(CompressionType.GZIP));
            topic.send("k", "v".repeat(10_000)).join();
            try (Consumer<String, String> consumer = topic.consumer()) {
                assertEquals(1, consumer.poll(Duration.ZERO).size());
            }

            PartitionMetrics metrics = partition(broker, 0);
            assertTrue(metrics.appendedBytes() < 1_000, () -> "appendedBytes=" + metrics.appendedBytes());
            assertEquals(metrics.logBytes(), metrics.appendedBytes());
            assertTrue(metrics.readBytes() > 10_000, () -> "readBytes=" + metrics.readBytes());
        }
    }

    @Test
    void tellsOfRecordsThatWereAcceptedAndThenRefused() {
        BrokenStorage storage = new BrokenStorage(Storage.inMemory());
        try (Broker broker = open(storage, BrokerSettings.defaults())) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            storage.breakLog("t-0", Act.APPEND);
            topic.send("k", "v");
            assertThrows(CompletionException.class, () -> topic.send("k", "v").join());

            assertEquals(List.of("opened 0", "fail 0 records=2"), told.lines);
            assertEquals(2, partition(broker, 0).failedRecords());
            assertEquals(0, partition(broker, 0).appendedRecords());
        }
    }

    @Test
    void tellsHowLongASendWaitedForRoomAndWhetherInVain() {
        BrokerSettings impatient = BrokerSettings.defaults()
                .withRingBytes(64 * 1024)
                .withMaxBlock(Duration.ofSeconds(5))
                .withCloseTimeout(Duration.ZERO);
        try (Broker broker = open(Storage.inMemory(), impatient)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            LaneMetrics lane = broker.metrics().lanes().get(0);
            assertEquals(64 * 1024, lane.ringBytes());
            assertEquals(0, lane.ringUsedBytes());
            String large = "v".repeat(1_000);
            for (int i = 0; i < 100; i++) {
                topic.send("k", large);
            }
            assertEquals(
                    "block 0 waitedNs=0 isRefused=false",
                    told.lines.stream()
                            .filter(line -> line.startsWith("block"))
                            .findFirst()
                            .orElseThrow());
            RawProducer stuck = topic.rawProducer(0);
            while (stuck.claim(RawProducer.NULL_LENGTH, 8) != RawProducer.OK) {
                broker.doWork();
            }
            broker.doWork();

            assertThrows(BufferExhaustedException.class, () -> {
                while (true) {
                    topic.send("k", large);
                }
            });

            assertEquals(
                    "block 0 waitedNs=" + Duration.ofSeconds(5).toNanos() + " isRefused=true",
                    told.lines.get(told.lines.size() - 1));
            assertEquals(1, partition(broker, 0).refusedSends());
            assertTrue(lane.ringUsedBytes() > 60 * 1024, () -> "ringUsedBytes=" + lane.ringUsedBytes());
            stuck.abort();
        }
    }

    @Test
    void followsTopicsThatComeGrowAndGo() {
        Storage storage = Storage.inMemory();
        try (Broker broker = open(storage, BrokerSettings.defaults().withLanes(2))) {
            topic(broker, TopicSettings.partitions(1));
            broker.alterTopic("t", now -> now.withPartitions(2));

            assertEquals(List.of("opened 0", "opened 1"), told.lines);
            assertEquals(
                    List.of("tidemill-lane-0", "tidemill-lane-1"),
                    told.lanes.stream().map(LaneMetrics::name).toList());
            assertEquals("__cluster_metadata", told.partitions.get(0).topic());
            assertEquals(3, broker.metrics().partitions().size());
        }
        told.lines.clear();
        try (Broker broker = open(storage, BrokerSettings.defaults())) {
            broker.deleteTopic("t");

            assertEquals(List.of("opened 0", "opened 1", "removed 0", "removed 1"), told.lines);
            assertEquals(1, broker.metrics().partitions().size());
        }
    }

    @Test
    void aListenerThatThrowsStopsNothing() {
        MetricsListener failing = new MetricsListener() {
            @Override
            public void onAppend(String topic, int partition, int records, int bytes, long tookNs) {
                throw new IllegalStateException("planted failure");
            }
        };
        Seams seams = Seams.system().withMetricsListener(failing);
        try (Broker broker = Broker.open(Storage.inMemory(), BrokerSettings.defaults(), seams)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));

            assertEquals(0, topic.send("k", "v").join().offset());
            assertEquals(1, topic.send("k", "v").join().offset());
        }
    }

    private static PartitionMetrics partition(Broker broker, int index) {
        return broker.metrics().partitions().stream()
                .filter(partition -> partition.topic().equals("t") && partition.partition() == index)
                .findFirst()
                .orElseThrow();
    }

    private Broker open(Storage storage, BrokerSettings settings) {
        Seams seams = new Seams(clock, clock, new SplittableRandom(1), Threads.manual());
        return Broker.open(storage, settings, seams.withMetricsListener(told));
    }

    private static Topic<String, String> topic(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }
}
