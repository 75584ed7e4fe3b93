package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.AutoOffsetReset;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.PartitionEof;
import io.tidemill.PartitionEofListener;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
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

/** C02: the end of a partition is told each time it is reached, once, to those who asked for it. */
class PartitionEofTest {
    private static final Duration WEEK = Duration.ofDays(7);
    private static final TopicPartition FIRST = new TopicPartition("t", 0);
    private static final TopicPartition SECOND = new TopicPartition("t", 1);

    private final ManualClock clock = new ManualClock();
    private final List<PartitionEof> ends = new ArrayList<>();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsTheEndOfEachPartitionOnceAlsoOfAnEmptyOneAndReturnsAtOnce(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 0, 3);
            try (Consumer<String, String> consumer = topic.consumer(listening())) {
                Duration start = clock.elapsed();

                assertEquals(3, consumer.poll(WEEK).size());
                assertEquals(List.of(new PartitionEof(FIRST, 3), new PartitionEof(SECOND, 0)), ends);
                assertEquals(start, clock.elapsed());

                assertEquals(List.of(), consumer.poll(WEEK));
                assertEquals(WEEK, clock.elapsed().minus(start));
                assertEquals(2, ends.size());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsItAgainWhenNewDataCameAndWasRead(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            try (Consumer<String, String> consumer = topic.consumer(listening())) {
                consumer.poll(WEEK);
                ends.clear();
                for (int i = 1; i <= 3; i++) {
                    send(topic, 1, 1);
                    consumer.poll(WEEK);
                    consumer.poll(Duration.ZERO);
                }

                assertEquals(
                        List.of(new PartitionEof(SECOND, 1), new PartitionEof(SECOND, 2), new PartitionEof(SECOND, 3)),
                        ends);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsItBehindTheLastRecordOnlyHoweverManyPollsThatTakes(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 0, 10);
            try (Consumer<String, String> consumer = topic.consumer(listening().withMaxPollRecords(4))) {
                consumer.pause(Set.of(SECOND));

                assertEquals(4, consumer.poll(WEEK).size());
                assertEquals(4, consumer.poll(WEEK).size());
                assertEquals(List.of(), ends);
                assertEquals(2, consumer.poll(WEEK).size());

                assertEquals(List.of(new PartitionEof(FIRST, 10)), ends);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsItAgainAfterASecondReadAndNotAfterASeekToTheEndAlone(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 0, 3);
            try (Consumer<String, String> consumer = topic.consumer(listening())) {
                consumer.pause(Set.of(SECOND));
                consumer.poll(WEEK);
                consumer.seekToEnd();
                consumer.poll(WEEK);
                assertEquals(List.of(new PartitionEof(FIRST, 3)), ends);

                consumer.seek(FIRST, 1);
                consumer.poll(WEEK);

                assertEquals(List.of(new PartitionEof(FIRST, 3), new PartitionEof(FIRST, 3)), ends);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsNothingOfAPausedPartitionBeforeItIsResumed(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            try (Consumer<String, String> consumer = topic.consumer(listening())) {
                consumer.pause(Set.of(FIRST, SECOND));
                consumer.poll(WEEK);
                assertEquals(List.of(), ends);

                consumer.resume(Set.of(SECOND));
                consumer.poll(WEEK);

                assertEquals(List.of(new PartitionEof(SECOND, 0)), ends);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsNothingWhereThereIsNoPosition(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            try (Consumer<String, String> consumer =
                    topic.consumer(listening().withAutoOffsetReset(AutoOffsetReset.none()))) {
                consumer.pause(Set.of(SECOND));
                assertThrows(RuntimeException.class, () -> consumer.poll(WEEK));
                assertEquals(List.of(), ends);

                consumer.seekToEnd();
                consumer.poll(WEEK);

                assertEquals(List.of(new PartitionEof(FIRST, 0)), ends);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void runsOnThePollingThreadAndMayUseTheConsumer(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 0, 3);
            List<Consumer<String, String>> polled = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            ConsumerSettings rewinding = ConsumerSettings.defaults().withPartitionEofListener(eof -> {
                threads.add(Thread.currentThread());
                polled.get(0).seekToBeginning(Set.of(eof.partition()));
                polled.get(0).pause(Set.of(SECOND));
            });
            try (Consumer<String, String> consumer = topic.consumer(rewinding)) {
                polled.add(consumer);

                assertEquals(3, consumer.poll(WEEK).size());
                assertEquals(3, consumer.poll(WEEK).size());

                assertEquals(List.of(Thread.currentThread(), Thread.currentThread()), threads);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void mayCloseTheConsumer(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 0, 3);
            List<Consumer<String, String>> polled = new ArrayList<>();
            Consumer<String, String> consumer =
                    topic.consumer(ConsumerSettings.defaults().withPartitionEofListener(eof -> {
                        ends.add(eof);
                        polled.get(0).close();
                    }));
            polled.add(consumer);

            assertEquals(3, consumer.poll(WEEK).size());

            assertEquals(1, ends.size());
            assertThrows(IllegalStateException.class, () -> consumer.poll(WEEK));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aListenerThatThrowsLosesNoRecords(Engine engine) {
        IllegalStateException failure = new IllegalStateException("listener");
        PartitionEofListener failing = eof -> {
            throw failure;
        };
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker);
            send(topic, 0, 3);
            try (Consumer<String, String> consumer =
                    topic.consumer(ConsumerSettings.defaults().withPartitionEofListener(failing))) {
                List<ConsumerRecord<String, String>> records = consumer.poll(WEEK);
                assertEquals(3, records.size());
                // That of the first partition, and then that of the second, which was not told yet.
                for (int i = 0; i < 2; i++) {
                    assertSame(failure, assertThrows(IllegalStateException.class, () -> consumer.poll(WEEK)));
                }

                assertTrue(consumer.poll(WEEK).isEmpty());
                assertEquals(3, consumer.position(FIRST));
            }
        }
    }

    private ConsumerSettings listening() {
        return ConsumerSettings.defaults().withPartitionEofListener(ends::add);
    }

    private static void send(Topic<String, String> topic, int partition, int count) {
        for (int i = 0; i < count; i++) {
            topic.send(ProducerRecord.of("k", "v").toPartition(partition)).join();
        }
    }

    private Broker open(Engine engine) {
        return Broker.open(
                engine.storage(directory),
                BrokerSettings.defaults(),
                new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker) {
        return broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(2));
    }
}
