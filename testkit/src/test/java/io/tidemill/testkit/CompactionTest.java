package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicSettings;
import io.tidemill.errors.InvalidRecordException;
import io.tidemill.errors.StorageException;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** R06: a broker compacts by its own clock, at every check, and its consumers see the last value of every key. */
class CompactionTest {
    private static final Duration CHECK = Duration.ofMinutes(5);
    private static final Duration DAY = Duration.ofDays(1);
    private static final int KEYS = 20;

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void keepsTheLastValueOfEveryKeyAtItsOffset(Engine engine) {
        Storage storage = engine.storage(directory);
        Map<String, Long> lastOffsets = new HashMap<>();
        try (Broker broker = open(storage)) {
            Topic<String, String> topic = topic(broker, compact(0.5, Duration.ZERO));
            for (int i = 0; i < 2_000; i++) {
                String key = "key-" + i % KEYS;
                lastOffsets.put(key, topic.send(key, "value " + i).join().offset());
            }
            check(broker);

            assertLastValues(topic, lastOffsets, 2_000);
        }
        try (Broker broker = open(storage)) {
            assertLastValues(topic(broker, compact(0.5, Duration.ZERO)), lastOffsets, 2_000);
        }
    }

    private static void assertLastValues(Topic<String, String> topic, Map<String, Long> lastOffsets, long endOffset) {
        List<ConsumerRecord<String, String>> left = TopicContent.of(topic);
        assertTrue(left.size() < 1_000, "left=" + left.size());
        Map<String, Long> read = new HashMap<>();
        for (ConsumerRecord<String, String> record : left) {
            assertEquals("value " + record.offset(), record.value());
            read.put(record.key(), record.offset());
        }
        assertEquals(lastOffsets, read);
        List<Long> raw = new ArrayList<>();
        try (RawConsumer reader = topic.rawConsumer(0)) {
            while (reader.await(Duration.ZERO)) {
                assertTrue(reader.poll(record -> raw.add(record.offset()), 7) > 0);
            }
            assertEquals(endOffset, reader.position());
        }
        assertEquals(left.stream().map(ConsumerRecord::offset).toList(), raw);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void forgetsAKeyADayAfterItsTombstoneWasCompacted(Engine engine) {
        try (Broker broker = open(engine.storage(directory))) {
            Topic<String, String> topic = topic(broker, compact(0.5, Duration.ZERO));
            topic.send("forgotten", "v").join();
            topic.send("forgotten", null).join();
            topic.send("kept", "v").join();
            fill(topic, 200);
            check(broker);
            List<ConsumerRecord<String, String>> left = TopicContent.of(topic);
            assertEquals(1, left.get(0).offset());
            assertNull(left.get(0).value());

            clock.advance(DAY.minus(CHECK).minusMillis(1));
            check(broker);
            assertEquals("forgotten", TopicContent.of(topic).get(0).key());
            check(broker);

            assertEquals("kept", TopicContent.of(topic).get(0).key());
            assertEquals(2, TopicContent.of(topic).get(0).offset());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void leavesWhatIsYoungerThanTheLag(Engine engine) {
        try (Broker broker = open(engine.storage(directory))) {
            Topic<String, String> topic = topic(broker, compact(0, Duration.ofHours(1)));
            for (int i = 0; i < 11; i++) {
                fill(topic, 100);
                check(broker);
            }
            assertEquals(1_100, TopicContent.of(topic).size());
            for (int i = 0; i < 12; i++) {
                fill(topic, 100);
                check(broker);
            }
            List<ConsumerRecord<String, String>> left = TopicContent.of(topic);

            assertTrue(left.size() < 1_600, "left=" + left.size());
            assertTrue(left.size() > 1_100, "left=" + left.size());
            long young =
                    left.stream().filter(record -> record.offset() >= 1_200).count();
            assertEquals(1_100, young);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void waitsUntilHalfOfItIsNew(Engine engine) {
        try (Broker broker = open(engine.storage(directory))) {
            Topic<String, String> topic = topic(broker, compact(0.5, Duration.ZERO));
            for (int i = 0; i < 2_000; i++) {
                topic.send("distinct-" + i, "v".repeat(100)).join();
            }
            check(broker);
            fill(topic, 400);
            check(broker);
            assertEquals(2_400, TopicContent.of(topic).size());

            fill(topic, 4_000);
            check(broker);

            assertTrue(
                    TopicContent.of(topic).size() < 2_500,
                    "left=" + TopicContent.of(topic).size());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void compactsAndDeletes(Engine engine) {
        CleanupSettings both = new CleanupSettings(CleanupPolicy.COMPACT_DELETE, 0.3, 0, DAY.toMillis());
        TopicSettings settings =
                TopicSettings.partitions(1).withSegmentBytes(16 * 1024).withRetention(Duration.ofDays(7));
        try (Broker broker = open(engine.storage(directory))) {
            Topic<String, String> topic = topic(broker, settings.withCleanup(both));
            for (int day = 0; day < 20; day++) {
                topic.send("of day " + day, "v").join();
                fill(topic, 100);
                clock.advance(DAY.minus(CHECK));
                check(broker);
            }
            List<String> keys =
                    TopicContent.of(topic).stream().map(ConsumerRecord::key).toList();

            for (int day = 0; day < 20; day++) {
                String key = "of day " + day;
                // Files go as a whole.
                assertTrue(day >= 12 || !keys.contains(key), key);
                assertTrue(day < 14 || keys.contains(key), key);
            }
            assertTrue(keys.size() < 14 * 100 / 2, "left=" + keys.size());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void refusesARecordWithoutAKey(Engine engine) {
        try (Broker broker = open(engine.storage(directory))) {
            Topic<String, String> topic = topic(broker, compact(0.5, Duration.ZERO));

            InvalidRecordException refused = assertThrows(InvalidRecordException.class, () -> topic.send(null, "v"));
            assertFalse(refused.retriable());
            assertTrue(refused.getMessage().contains("topic=t"), refused::getMessage);
            try (RawProducer raw = topic.rawProducer(0)) {
                assertThrows(InvalidRecordException.class, () -> raw.claim(RawProducer.NULL_LENGTH, 1));
                assertThrows(InvalidRecordException.class, () -> raw.offer(new UnsafeBuffer(new byte[1]), 0, 1));
                assertEquals(RawProducer.OK, raw.claim(0, RawProducer.NULL_LENGTH));
                raw.commit();
            }
            assertEquals(1, topic.send("", null).join().offset());
        }
    }

    /** The first write fails, then the second, and so on; what was acknowledged is there, and the next check compacts. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void survivesAFailureOfEveryWrite(Engine engine) {
        boolean hasFailed = true;
        // Those before create the topic.
        for (int failingWrite = 4; hasFailed; failingWrite++) {
            Storage storage = engine.storage(directory.resolve("" + failingWrite));
            FaultyStorage faulty = new FaultyStorage(storage, failingWrite);
            int acknowledged = 0;
            try (Broker broker = open(faulty)) {
                Topic<String, String> topic = topic(broker, compact(0, Duration.ZERO));
                for (int i = 0; i < 12; i++) {
                    try {
                        topic.send("k", "v".repeat(5_000) + acknowledged).join();
                        acknowledged++;
                    } catch (CompletionException e) {
                        assertTrue(e.getCause() instanceof StorageException);
                    }
                    check(broker);
                }
                check(broker);
                List<ConsumerRecord<String, String>> left = TopicContent.of(topic);
                assertTrue(left.size() < 8, "failingWrite=" + failingWrite + ", left=" + left.size());
                assertEquals(
                        "v".repeat(5_000) + (acknowledged - 1),
                        left.get(left.size() - 1).value());
            }
            hasFailed = faulty.hasFailed();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Threads.Mode.class,
            names = {"DEDICATED", "SHARED"})
    void compactsOnThreadsOfItsOwn(Threads.Mode mode) {
        Threads threads = mode == Threads.Mode.SHARED ? Threads.shared() : Threads.dedicated();
        BrokerSettings often = BrokerSettings.defaults().withRetentionCheckInterval(Duration.ofMillis(1));
        Engine engine = Engine.CHRONICLE;
        try (Broker broker =
                Broker.open(engine.storage(directory), often, Seams.system().withThreads(threads))) {
            Topic<String, String> topic = topic(broker, compact(0, Duration.ZERO));
            int sent = 0;
            int left = 0;
            while (left >= sent * 3 / 4) {
                fill(topic, 1_000);
                sent += 1_000;
                left = TopicContent.of(topic).size();
                assertTrue(sent < 1_000_000);
            }
        }
    }

    private static TopicSettings compact(double ratio, Duration lag) {
        return TopicSettings.partitions(1)
                .withSegmentBytes(16 * 1024)
                .withCleanup(new CleanupSettings(CleanupPolicy.COMPACT, ratio, lag.toMillis(), DAY.toMillis()));
    }

    private static void fill(Topic<String, String> topic, int count) {
        for (int i = 0; i < count; i++) {
            topic.send("fill-" + i % KEYS, "v".repeat(150)).join();
        }
    }

    private void check(Broker broker) {
        clock.advance(CHECK);
        while (broker.doWork() > 0) {
            // until all partitions were looked at
        }
    }

    private Broker open(Storage storage) {
        return Broker.open(
                storage,
                BrokerSettings.defaults().withRetentionCheckInterval(CHECK),
                new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }
}
