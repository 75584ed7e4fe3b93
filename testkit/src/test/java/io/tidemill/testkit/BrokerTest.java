package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.Header;
import io.tidemill.ProducerRecord;
import io.tidemill.RecordMetadata;
import io.tidemill.Serde;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** B01: one line opens a broker, and a record goes all the way through it; on every engine, in every threading mode. */
class BrokerTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void givesBackWhatWasSent(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, String> orders =
                    broker.topic("orders", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));

            RecordMetadata sent = orders.send("customer-123", "25.99").join();

            assertEquals("orders", sent.topic());
            assertEquals(0, sent.offset());
            ConsumerRecord<String, String> read = readAll(orders, 1).get(0);
            assertEquals("customer-123", read.key());
            assertEquals("25.99", read.value());
            assertEquals(sent.partition(), read.partition());
            assertEquals(sent.offset(), read.offset());
            assertEquals(sent.timestamp(), read.timestamp());
        }
    }

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void worksInEveryThreadingMode(Threads.Mode mode) {
        Threads threads = new Threads(mode, Threads.dedicated().factory(), null);
        for (Engine engine : Engine.values()) {
            Storage storage = engine.storage(directory.resolve(mode.name()));
            try (Broker broker = Broker.open(
                    storage, BrokerSettings.defaults(), Seams.system().withThreads(threads))) {
                Topic<String, Integer> topic =
                        broker.topic("t", Serdes.string(), Serdes.integer(), TopicSettings.partitions(2));
                List<CompletableFuture<RecordMetadata>> sends = new ArrayList<>();
                for (int i = 0; i < 5_000; i++) {
                    sends.add(topic.send("key-" + i % 7, i));
                }
                sends.forEach(CompletableFuture::join);

                assertEquals(5_000, readAll(topic, 5_000).size());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void keepsEverythingOverAReopening(Engine engine) {
        Storage storage = engine.storage(directory);
        // More than one file for each partition.
        TopicSettings settings = TopicSettings.partitions(3)
                .withMaxMessageBytes(5_000)
                .withSegmentBytes(16 * 1024)
                .withSegmentAge(Duration.ofDays(1))
                .withRetentionBytes(1_000_000);
        List<ConsumerRecord<String, String>> before;
        try (Broker broker = Broker.open(storage)) {
            Topic<String, String> orders = broker.topic("orders", Serdes.string(), Serdes.string(), settings);
            broker.createTopic("empty", TopicSettings.partitions(1));
            for (int i = 0; i < 1_000; i++) {
                orders.send("key-" + i, "value-" + i);
            }
            before = readAll(orders, 1_000);
        }

        try (Broker broker = Broker.open(storage)) {
            assertEquals(Set.of("orders", "empty"), broker.topics());
            Topic<String, String> orders = broker.topic("orders", Serdes.string(), Serdes.string());
            assertEquals(settings, orders.settings());
            assertIterableEquals(before, readAll(orders, 1_000));
            RecordMetadata next = orders.send("key-0", "more").join();
            long inPartition = before.stream()
                    .filter(record -> record.partition() == next.partition())
                    .count();
            assertEquals(inPartition, next.offset());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void writesWhatWasAcceptedBeforeItCloses(Engine engine) {
        Storage storage = engine.storage(directory);
        List<CompletableFuture<RecordMetadata>> sends = new ArrayList<>();
        try (Broker broker = Broker.open(storage)) {
            Topic<byte[], byte[]> topic =
                    broker.topic("t", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
            for (int i = 0; i < 100_000; i++) {
                sends.add(topic.send(null, new byte[100]));
            }
        }

        assertTrue(sends.stream().allMatch(send -> send.isDone() && !send.isCompletedExceptionally()));
        try (Broker broker = Broker.open(storage)) {
            assertEquals(
                    100_000,
                    readAll(broker.topic("t", Serdes.bytes(), Serdes.bytes()), 100_000)
                            .size());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void keepsNullsEmptyOnesHeadersAndTimes(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));

            topic.send(null, null);
            topic.send("", "");
            topic.send(ProducerRecord.<String, String>of("k", "v")
                    .at(1234)
                    .withHeader("a", new byte[] {1, 2})
                    .withHeader("b", null)
                    .withHeader("a", new byte[0]));

            List<ConsumerRecord<String, String>> records = readAll(topic, 3);
            assertNull(records.get(0).key());
            assertNull(records.get(0).value());
            assertEquals("", records.get(1).key());
            assertEquals("", records.get(1).value());
            assertEquals(1234, records.get(2).timestamp());
            assertEquals(
                    List.of(new Header("a", new byte[] {1, 2}), new Header("b", null), new Header("a", new byte[0])),
                    records.get(2).headers());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void takesARecordLargerThanTheRing(Engine engine) {
        BrokerSettings smallRing = BrokerSettings.defaults().withRingBytes(64 * 1024);
        try (Broker broker = Broker.open(engine.storage(directory), smallRing)) {
            Topic<byte[], byte[]> topic =
                    broker.topic("t", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
            byte[] large = new byte[1_000_000];
            large[large.length - 1] = 42;

            topic.send(null, new byte[] {1});
            topic.send(null, large);
            topic.send(null, new byte[] {2});

            List<ConsumerRecord<byte[], byte[]>> records = readAll(topic, 3);
            assertArrayEquals(new byte[] {1}, records.get(0).value());
            assertArrayEquals(large, records.get(1).value());
            assertArrayEquals(new byte[] {2}, records.get(2).value());
        }
    }

    /** What a consumer reads into goes to the next one when it is closed, and not before its poll is over. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void mayBeClosedByAnotherThreadDuringAPoll(Engine engine) {
        int count = 5_000;
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<byte[], String> numbers =
                    broker.topic("numbers", Serdes.bytes(), Serdes.string(), TopicSettings.partitions(1));
            List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(numbers.send(null, padded(i)));
            }
            sent.forEach(CompletableFuture::join);
            List<Consumer<byte[], String>> closed = new ArrayList<>();
            Serde<String> closing = new Serde<>(Serdes.string().serializer(), (buffer, index, length) -> {
                if (buffer.getStringWithoutLengthAscii(index, length).equals(padded(1_000))) {
                    closeElsewhere(closed.get(0));
                    try (Consumer<byte[], String> other = numbers.consumer()) {
                        other.seek(new TopicPartition("numbers", 0), 3_000);
                        other.poll(SOON);
                        other.poll(SOON);
                    }
                }
                return Serdes.string().deserializer().deserialize(buffer, index, length);
            });
            Consumer<byte[], String> consumer = broker.topic(
                            "numbers", Serdes.bytes(), closing, TopicSettings.partitions(1))
                    .consumer();
            closed.add(consumer);

            int next = 0;
            while (next <= 1_000) {
                for (ConsumerRecord<byte[], String> record : consumer.poll(SOON)) {
                    assertEquals(padded(next++), record.value());
                }
            }
        }
    }

    @Test
    void takesRecordsOfEveryLengthWhereverItsBufferEnds() {
        try (Broker broker = Broker.inMemory()) {
            Topic<byte[], byte[]> topic =
                    broker.topic("lengths", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
            // Around the sizes by which such a buffer grows, the last word of a record may begin inside of it and end
            // outside.
            for (int size : new int[] {1_536, 3_456, 11_664, 17_496, 26_244, 39_366}) {
                for (int length = size - 40; length < size; length++) {
                    assertEquals(length, length(topic, length));
                }
            }
        }
    }

    /** Through a handle of its own, whose buffer has not grown yet. */
    private static int length(Topic<byte[], byte[]> topic, int valueLength) {
        Topic<byte[], byte[]> fresh = topic.partitionedBy((key, index, length, partitions) -> 0);
        long offset = fresh.send(null, new byte[valueLength]).join().offset();
        try (Consumer<byte[], byte[]> consumer = fresh.consumer()) {
            consumer.seek(new TopicPartition(topic.name(), 0), offset);
            return consumer.poll(Duration.ofSeconds(10)).get(0).value().length;
        }
    }

    private static String padded(int number) {
        return "%0100d".formatted(number);
    }

    /** Returns when the close is over, or waits for the poll that is under way. */
    private static void closeElsewhere(Consumer<?, ?> consumer) {
        Thread thread = new Thread(consumer::close);
        thread.start();
        while (thread.getState() != Thread.State.BLOCKED && thread.isAlive()) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void seeksAnywhere(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, Integer> topic =
                    broker.topic("t", Serdes.string(), Serdes.integer(), TopicSettings.partitions(1));
            for (int i = 0; i < 3_000; i++) {
                topic.send(null, i);
            }
            topic.send(null, 3_000).join();

            try (Consumer<String, Integer> consumer = topic.consumer()) {
                for (long offset : new long[] {2_999, 0, 1_500, 1, 3_000}) {
                    consumer.seek(new TopicPartition("t", 0), offset);
                    assertEquals(offset, consumer.position(new TopicPartition("t", 0)));
                    assertEquals((int) offset, consumer.poll(SOON).get(0).value());
                }
                consumer.seekToEnd();
                assertTrue(consumer.poll(Duration.ZERO).isEmpty());
                assertEquals(3_001, consumer.position(new TopicPartition("t", 0)));
                consumer.seekToBeginning();
                assertEquals(0, consumer.poll(SOON).get(0).value());
            }
        }
    }

    /** By partition and offset: how the partitions of a topic interleave is nobody's promise. */
    private static <K, V> List<ConsumerRecord<K, V>> readAll(Topic<K, V> topic, int count) {
        List<ConsumerRecord<K, V>> records = new ArrayList<>();
        try (Consumer<K, V> consumer = topic.consumer()) {
            while (records.size() < count) {
                List<ConsumerRecord<K, V>> polled = consumer.poll(SOON);
                assertTrue(!polled.isEmpty(), () -> "only " + records.size() + " of " + count + " records came");
                records.addAll(polled);
            }
            assertTrue(consumer.poll(Duration.ZERO).isEmpty());
        }
        records.sort(Comparator.<ConsumerRecord<K, V>>comparingInt(ConsumerRecord::partition)
                .thenComparingLong(ConsumerRecord::offset));
        return records;
    }
}
