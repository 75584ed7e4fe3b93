package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ProducerRecord;
import io.tidemill.RecordMetadata;
import io.tidemill.Serdes;
import io.tidemill.TimestampType;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicSettings;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** P01: batches wait for more exactly as long as the topic says; on every engine, and whoever's thread does the work. */
class LingerTest {
    private static final Duration LINGER = Duration.ofMillis(5);
    private static final TopicSettings LINGERING = TopicSettings.partitions(1).withLinger(LINGER);

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void showsABatchFiveMillisecondsAfterItsFirstRecordAndNotAfterFour(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker, LINGERING);
            CompletableFuture<RecordMetadata> first = topic.send("k", "a");
            clock.advance(Duration.ofMillis(4));
            CompletableFuture<RecordMetadata> second = topic.send("k", "b");
            broker.doWork();

            assertFalse(first.isDone());
            assertEquals(List.of(), TopicContent.of(topic));

            clock.advance(Duration.ofMillis(1));
            broker.doWork();

            assertEquals(0, first.join().offset());
            assertEquals(1, second.join().offset());
            assertEquals(2, TopicContent.of(topic).size());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void showsABatchAtOnceThatIsLargeEnough(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker, LINGERING.withBatchSize(1_000));
            topic.send("k", "v".repeat(900));
            broker.doWork();
            assertEquals(List.of(), TopicContent.of(topic));

            topic.send("k", "v");
            broker.doWork();

            assertEquals(2, TopicContent.of(topic).size());
        }
    }

    @Test
    void whoeverWaitsDoesNotSleepPastTheMoment() {
        try (Broker broker = open(Engine.MEMORY)) {
            Topic<String, String> topic = topic(broker, LINGERING);
            try (Consumer<String, String> consumer = topic.consumer();
                    RawProducer raw = topic.rawProducer(0)) {
                topic.send("k", "a");
                assertEquals(1, consumer.poll(Duration.ofDays(1)).size());
                assertEquals(LINGER, clock.elapsed());

                topic.send("k", "b").join();
                assertEquals(LINGER.multipliedBy(2), clock.elapsed());

                long ticket = raw.offer(new UnsafeBuffer(new byte[8]), 0, 8);
                assertTrue(raw.await(ticket, Duration.ofDays(1)));
                assertEquals(LINGER.multipliedBy(3), clock.elapsed());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void losesNothingThatLingersWhenTheBrokerCloses(Threads.Mode mode) {
        var storage = Engine.CHRONICLE.storage(directory);
        Threads threads = new Threads(mode, Threads.dedicated().factory(), null);
        Seams seams = Seams.system().withThreads(threads);
        CompletableFuture<RecordMetadata> sent;
        try (Broker broker = Broker.open(storage, BrokerSettings.defaults(), seams)) {
            Topic<String, String> topic = topic(broker, LINGERING.withLinger(Duration.ofDays(1)));
            sent = topic.send("k", "a");
            broker.doWork();
            assertFalse(sent.isDone());
        }
        assertEquals(0, sent.join().offset());
        try (Broker broker = Broker.open(storage)) {
            assertEquals(
                    1,
                    TopicContent.of(broker.topic("t", Serdes.string(), Serdes.string()))
                            .size());
        }
    }

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void nothingLingersBeyondAChangeOrTheEndOfItsTopic(Threads.Mode mode) {
        Threads threads = new Threads(mode, Threads.dedicated().factory(), null);
        try (Broker broker = Broker.open(
                Engine.MEMORY.storage(directory),
                BrokerSettings.defaults(),
                Seams.system().withThreads(threads))) {
            Topic<String, String> topic = topic(broker, LINGERING.withLinger(Duration.ofDays(1)));
            CompletableFuture<RecordMetadata> first = topic.send("k", "a");
            broker.doWork();
            broker.alterTopic("t", now -> now.with("retention.ms", "5000"));
            assertEquals(0, first.join().offset());

            CompletableFuture<RecordMetadata> second = topic.send("k", "b");
            broker.doWork();
            broker.deleteTopic("t");
            assertThrows(RuntimeException.class, () -> topic.send("k", "c"));
            assertTrue(second.handle((sent, failure) -> true).join());
        }
    }

    @Test
    void aThreadOfTheBrokersOwnWakesUpInTime() {
        // In seconds: only a lane that looks at nothing but signals, or that never appends, would not come back.
        try (Broker broker = Broker.open(Engine.MEMORY.storage(directory))) {
            Topic<String, String> topic = topic(broker, LINGERING);

            assertEquals(
                    0,
                    topic.send("k", "a").orTimeout(30, TimeUnit.SECONDS).join().offset());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void theBrokersTimeReplacesTheSendersWhereTheTopicSaysSo(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker, LINGERING.withTimestampType(TimestampType.LOG_APPEND_TIME));
            RecordMetadata sent = topic.send(ProducerRecord.of("k", "a").at(77)).join();

            assertEquals(clock.epochMs(), sent.timestamp());
            assertEquals(
                    List.of(clock.epochMs()),
                    TopicContent.of(topic).stream()
                            .map(ConsumerRecord::timestamp)
                            .toList());

            broker.alterTopic("t", now -> now.withTimestampType(TimestampType.CREATE_TIME));
            topic.send(ProducerRecord.of("k", "b").at(77)).join();

            assertEquals(77, TopicContent.of(topic).get(1).timestamp());
        }
    }

    private Broker open(Engine engine) {
        return Broker.open(engine.storage(directory), BrokerSettings.defaults(), seams());
    }

    private Seams seams() {
        return new Seams(clock, clock, new SplittableRandom(1), Threads.manual());
    }

    private static Topic<String, String> topic(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }
}
