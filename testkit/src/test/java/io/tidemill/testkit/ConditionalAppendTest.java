package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.ProducerRecord;
import io.tidemill.RecordMetadata;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicSettings;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.RecordTooLargeException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** P10: of several writers who expect the same offset one is first, and the others write nothing. */
class ConditionalAppendTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void appendsAllOfItAtTheExpectedOffsetOrNothing(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(2));
            assertEquals(0, topic.append(1, 0, records("a", "b", "c")).join().offset());
            assertEquals(3, topic.append(1, 3, records("d")).join().offset());

            OffsetMismatchException e = mismatch(topic.append(1, 3, records("e", "f")));
            assertEquals(
                    "the partition ends elsewhere, nothing was appended: expectedOffset=3, endOffset=4, partition=t-1",
                    e.getMessage());
            assertFalse(e.retriable());
            mismatch(topic.append(1, 5, records("g")));

            assertEquals(List.of("a", "b", "c", "d"), values(topic));
            assertEquals(4, topic.append(1, 4, records("h")).join().offset());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void whatWaitsOrLingersInFrontOfItGoesFirst(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic =
                    topic(broker, TopicSettings.partitions(1).withLinger(Duration.ofDays(1)));
            CompletableFuture<RecordMetadata> lingering = topic.send("k", "a");
            broker.doWork();
            CompletableFuture<RecordMetadata> waiting = topic.send("k", "b");
            CompletableFuture<RecordMetadata> tooEarly = topic.append(0, 0, records("x"));
            CompletableFuture<RecordMetadata> inTime = topic.append(0, 2, records("c", "d"));
            CompletableFuture<RecordMetadata> behind = topic.send("k", "e");
            broker.doWork();

            assertEquals(0, lingering.join().offset());
            assertEquals(1, waiting.join().offset());
            mismatch(tooEarly);
            assertEquals(2, inTime.join().offset());
            assertFalse(behind.isDone());
            assertEquals(List.of("a", "b", "c", "d"), values(topic));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void everyRaceOfRealThreadsHasExactlyOneWinner(Engine engine) throws Exception {
        int races = 300;
        int writers = 4;
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            CyclicBarrier start = new CyclicBarrier(writers);
            AtomicInteger wins = new AtomicInteger();
            AtomicInteger losses = new AtomicInteger();
            List<Throwable> failures = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                String name = "w" + writer;
                Thread thread = new Thread(() -> {
                    for (int race = 0; race < races; race++) {
                        await(start);
                        if (topic.append(0, 2L * race, records(name, name))
                                .handle((sent, failure) -> failure == null)
                                .join()) {
                            wins.incrementAndGet();
                        } else {
                            losses.incrementAndGet();
                        }
                    }
                });
                thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }

            assertEquals(List.of(), failures);
            assertEquals(races, wins.get());
            assertEquals(races * (writers - 1), losses.get());
            List<String> values = values(topic);
            assertEquals(2 * races, values.size());
            for (int race = 0; race < races; race++) {
                assertEquals(values.get(2 * race), values.get(2 * race + 1), "race=" + race);
            }
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFailedAppendWritesNothingAndCanBeMadeAgain() {
        boolean[] fails = {false};
        FaultyStorage storage =
                new FaultyStorage(Engine.MEMORY.storage(directory), what -> fails[0] && what.equals("append"));
        try (Broker broker =
                Broker.open(storage, BrokerSettings.defaults(), Seams.system().withThreads(Threads.manual()))) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            fails[0] = true;
            CompletionException e = assertThrows(
                    CompletionException.class,
                    () -> topic.append(0, 0, records("a")).join());
            assertInstanceOf(StorageException.class, e.getCause());
            fails[0] = false;

            assertEquals(0, topic.append(0, 0, records("a")).join().offset());
        }
    }

    @Test
    void takesWhatFitsIntoOneBatchAlsoIfItDoesNotFitIntoTheRing() {
        BrokerSettings smallRing = BrokerSettings.defaults().withRingBytes(64 * 1024);
        try (Broker broker = Broker.open(Engine.MEMORY.storage(directory), smallRing, Seams.system())) {
            Topic<String, String> topic =
                    topic(broker, TopicSettings.partitions(1).withMaxMessageBytes(200_000));
            List<ProducerRecord<String, String>> many = records(
                    IntStream.range(0, 1_000).mapToObj(i -> "v".repeat(100)).toArray(String[]::new));

            assertEquals(0, topic.append(0, 0, many).join().offset());
            assertEquals(1_000, values(topic).size());

            List<ProducerRecord<String, String>> tooMany = new ArrayList<>(many);
            tooMany.addAll(many);
            assertThrows(RecordTooLargeException.class, () -> topic.append(0, 1_000, tooMany));
        }
    }

    @Test
    void refusesWhatCannotBeMeant() {
        try (Broker broker = open(Engine.MEMORY)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(2));
            assertThrows(IllegalArgumentException.class, () -> topic.append(0, 0, List.of()));
            assertThrows(IllegalArgumentException.class, () -> topic.append(0, -1, records("a")));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> topic.append(0, 0, List.of(ProducerRecord.of("k", "v").toPartition(1))));
            assertThrows(UnknownTopicOrPartitionException.class, () -> topic.append(2, 0, records("a")));
            assertTrue(values(topic).isEmpty());
        }
    }

    private Broker open(Engine engine) {
        return Broker.open(
                engine.storage(directory),
                BrokerSettings.defaults(),
                Seams.system().withThreads(Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }

    private static List<ProducerRecord<String, String>> records(String... values) {
        List<ProducerRecord<String, String>> records = new ArrayList<>();
        for (String value : values) {
            records.add(ProducerRecord.of("k", value));
        }
        return records;
    }

    private static List<String> values(Topic<String, String> topic) {
        return TopicContent.of(topic).stream().map(ConsumerRecord::value).toList();
    }

    private static OffsetMismatchException mismatch(CompletableFuture<RecordMetadata> append) {
        CompletionException e = assertThrows(CompletionException.class, append::join);
        return assertInstanceOf(OffsetMismatchException.class, e.getCause());
    }
}
