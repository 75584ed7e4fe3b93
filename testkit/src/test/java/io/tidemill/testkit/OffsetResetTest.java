package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.AutoOffsetReset;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C03: auto.offset.reset, where there is no position, where it lies below the start, and where it lies above the end. */
class OffsetResetTest {
    private static final Duration CHECK = Duration.ofMinutes(5);
    private static final Duration DAY = Duration.ofDays(1);
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final AutoOffsetReset EARLIEST = AutoOffsetReset.earliest();
    private static final AutoOffsetReset LATEST = AutoOffsetReset.latest();
    private static final AutoOffsetReset NONE = AutoOffsetReset.none();

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void earliestBeginsAtTheFirstRecord(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 3);

            assertEquals(0, positionOfNew(topic, EARLIEST));
            try (Consumer<String, String> byDefault = topic.consumer()) {
                assertEquals(0, byDefault.position(PARTITION));
            }
        }
    }

    /** At the moment when it subscribes, and not at its first poll: what is sent in between is not lost. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void latestBeginsBehindTheLastRecordThatIsThereWhenItSubscribes(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 3);
            try (Consumer<String, String> consumer = topic.consumer(settings(LATEST))) {
                send(topic, 2);

                assertEquals(List.of(3L, 4L), offsets(consumer.poll(Duration.ZERO)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void byDurationBeginsAtTheFirstRecordThatIsNotOlder(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            for (int day = 0; day < 5; day++) {
                send(topic, 1);
                clock.advance(DAY);
            }

            assertEquals(3, positionOfNew(topic, AutoOffsetReset.byDuration(DAY.multipliedBy(2))));
            assertEquals(0, positionOfNew(topic, AutoOffsetReset.byDuration(DAY.multipliedBy(5))));
            assertEquals(5, positionOfNew(topic, AutoOffsetReset.of("by_duration:PT1H")));
            assertEquals(0, positionOfNew(topic, AutoOffsetReset.byDuration(Duration.ofMillis(Long.MAX_VALUE))));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void noneBeginsNowhereAndNamesTheRange(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 3);
            try (Consumer<String, String> consumer = topic.consumer(settings(NONE))) {
                OffsetOutOfRangeException e =
                        assertThrows(OffsetOutOfRangeException.class, () -> consumer.poll(Duration.ZERO));
                assertTrue(e.getMessage().contains("startOffset=0, endOffset=3, partition=t-0"), e::getMessage);
                assertThrows(OffsetOutOfRangeException.class, () -> consumer.position(PARTITION));
                assertThrows(OffsetOutOfRangeException.class, () -> consumer.lag(PARTITION));

                consumer.seek(PARTITION, 1);

                assertEquals(List.of(1L, 2L), offsets(consumer.poll(Duration.ZERO)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aPositionThatRetentionHasPassedIsReset(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 500);
            try (Consumer<String, String> earliest = behind(topic, EARLIEST);
                    Consumer<String, String> latest = behind(topic, LATEST);
                    Consumer<String, String> young = behind(topic, AutoOffsetReset.byDuration(Duration.ofHours(1)));
                    Consumer<String, String> none = behind(topic, NONE)) {
                clock.advance(DAY);
                long startOffset = forgetOld(broker, topic, earliest);
                clock.advance(Duration.ofHours(2));
                send(topic, 1);
                long endOffset = earliest.endOffsets(Set.of(PARTITION)).get(PARTITION);

                assertEquals(startOffset, earliest.poll(Duration.ZERO).get(0).offset());
                assertEquals(List.of(endOffset - 1), offsets(young.poll(Duration.ZERO)));
                assertEquals(List.of(), latest.poll(Duration.ZERO));
                assertEquals(endOffset, latest.position(PARTITION));
                OffsetOutOfRangeException e =
                        assertThrows(OffsetOutOfRangeException.class, () -> none.poll(Duration.ZERO));
                assertTrue(
                        e.getMessage().contains("position=10, startOffset=" + startOffset + ", endOffset=" + endOffset),
                        e::getMessage);
                none.seekToBeginning();
                assertEquals(startOffset, none.poll(Duration.ZERO).get(0).offset());
            }
        }
    }

    /** What was reset while it waits is read in the same poll. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void aPositionThatRetentionPassesWhileItIsPausedIsReset(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 500);
            try (Consumer<String, String> consumer = behind(topic, EARLIEST)) {
                consumer.pause(Set.of(PARTITION));
                clock.advance(DAY);
                long startOffset = forgetOld(broker, topic, consumer);
                assertEquals(List.of(), consumer.poll(Duration.ZERO));
                assertEquals(10, consumer.position(PARTITION));

                consumer.resume(Set.of(PARTITION));

                assertEquals(startOffset, consumer.poll(Duration.ZERO).get(0).offset());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aPositionAboveTheEndIsReset(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            for (int day = 0; day < 3; day++) {
                send(topic, 1);
                clock.advance(DAY);
            }
            assertEquals(List.of(0L, 1L, 2L), readFrom(topic, EARLIEST, 4));
            assertEquals(List.of(), readFrom(topic, LATEST, 4));
            assertEquals(List.of(2L), readFrom(topic, AutoOffsetReset.byDuration(DAY), 4));
            OffsetOutOfRangeException e = assertThrows(OffsetOutOfRangeException.class, () -> readFrom(topic, NONE, 4));
            assertTrue(e.getMessage().contains("position=4, startOffset=0, endOffset=3"), e::getMessage);

            // The end itself is a place to wait at.
            assertEquals(List.of(), readFrom(topic, EARLIEST, 3));
            assertEquals(List.of(), readFrom(topic, NONE, 3));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aPartitionThatATopicGetsLaterIsReadFromItsStartWhateverThePolicy(Engine engine) {
        for (AutoOffsetReset policy : List.of(EARLIEST, LATEST, NONE, AutoOffsetReset.byDuration(Duration.ZERO))) {
            try (Broker broker =
                    Broker.open(engine.storage(directory.resolve(policy.toString())), settings(), seams())) {
                Topic<String, String> topic = topic(broker);
                try (Consumer<String, String> consumer = topic.consumer(settings(policy))) {
                    consumer.seekToEnd();
                    broker.alterTopic("t", now -> now.withPartitions(2));
                    topic.send(ProducerRecord.of("k", "v").toPartition(1)).join();
                    consumer.subscribe(List.of("t"));

                    assertEquals(1, consumer.poll(Duration.ZERO).size(), policy::toString);
                }
            }
        }
    }

    private static Consumer<String, String> behind(Topic<String, String> topic, AutoOffsetReset policy) {
        Consumer<String, String> consumer = topic.consumer(settings(policy).withMaxPollRecords(10));
        consumer.seekToBeginning();
        assertEquals(10, consumer.poll(Duration.ZERO).size());
        return consumer;
    }

    /** And answers where the partition starts then. */
    private long forgetOld(Broker broker, Topic<String, String> topic, Consumer<String, String> asked) {
        send(topic, 100);
        broker.alterTopic("t", now -> now.withRetention(Duration.ofHours(12)));
        clock.advance(CHECK);
        broker.doWork();
        long startOffset = asked.beginningOffsets(Set.of(PARTITION)).get(PARTITION);
        assertTrue(startOffset > 10 && startOffset <= 500, "startOffset=" + startOffset);
        return startOffset;
    }

    private static List<Long> readFrom(Topic<String, String> topic, AutoOffsetReset policy, long offset) {
        try (Consumer<String, String> consumer = topic.consumer(settings(policy))) {
            consumer.seek(PARTITION, offset);
            return offsets(consumer.poll(Duration.ZERO));
        }
    }

    private static long positionOfNew(Topic<String, String> topic, AutoOffsetReset policy) {
        try (Consumer<String, String> consumer = topic.consumer(settings(policy))) {
            return consumer.position(PARTITION);
        }
    }

    private static List<Long> offsets(List<ConsumerRecord<String, String>> records) {
        List<Long> offsets = new ArrayList<>();
        records.forEach(record -> offsets.add(record.offset()));
        return offsets;
    }

    private static ConsumerSettings settings(AutoOffsetReset policy) {
        return ConsumerSettings.defaults().withAutoOffsetReset(policy);
    }

    private static void send(Topic<String, String> topic, int count) {
        for (int i = 0; i < count; i++) {
            topic.send("k", "v".repeat(400)).join();
        }
    }

    private Broker open(Engine engine) {
        return Broker.open(engine.storage(directory), settings(), seams());
    }

    private static BrokerSettings settings() {
        return BrokerSettings.defaults().withRetentionCheckInterval(CHECK);
    }

    private Seams seams() {
        return new Seams(clock, clock, new SplittableRandom(1), Threads.manual());
    }

    private static Topic<String, String> topic(Broker broker) {
        return broker.topic(
                "t",
                Serdes.string(),
                Serdes.string(),
                TopicSettings.partitions(1).withSegmentBytes(16 * 1024).withUnlimitedRetention());
    }
}
