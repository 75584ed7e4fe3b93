package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Committer;
import io.tidemill.Consumer;
import io.tidemill.LoopSettings;
import io.tidemill.PoisonPolicy;
import io.tidemill.RecordHandler;
import io.tidemill.RecordLoop;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.PoisonRecordException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** C07: a handler loop on the test's thread and clock. It commits after the handler, tries again, and stops cleanly. */
class RecordLoopTest {
    private static final Duration NOT_AT_ALL = Duration.ZERO;

    private final ManualClock clock = new ManualClock();
    private final Broker broker = Broker.open(
            Storage.inMemory(),
            BrokerSettings.defaults(),
            new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    private final Topic<String, String> topic =
            broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
    private final TopicPartition partition = new TopicPartition("t", 0);

    private final List<String> handled = new ArrayList<>();
    private final List<Map<TopicPartition, Long>> commits = new ArrayList<>();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    @Test
    void commitsAfterTheRecordsOfEachPoll() {
        send("a", "b");
        List<Integer> commitsBefore = new ArrayList<>();
        try (RecordLoop loop = loop(record -> {
            commitsBefore.add(commits.size());
            handled.add(record.value());
        })) {
            assertEquals(2, loop.runOnce(NOT_AT_ALL));
            send("c");
            assertEquals(1, loop.runOnce(NOT_AT_ALL));
            assertEquals(0, loop.runOnce(NOT_AT_ALL));
        }

        assertEquals(List.of("a", "b", "c"), handled);
        assertEquals(List.of(0, 0, 1), commitsBefore);
        assertEquals(List.of(Map.of(partition, 2L), Map.of(partition, 3L)), commits);
    }

    @Test
    void commitsAllPartitionsThatItHadRecordsOf() {
        Topic<String, String> three =
                broker.topic("three", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));
        for (int i = 0; i < 20; i++) {
            three.send("key-" + i, "v").join();
        }
        Map<TopicPartition, Long> expected = new HashMap<>();
        RecordHandler<String, String> counting =
                record -> expected.merge(new TopicPartition("three", record.partition()), 1L, Long::sum);
        try (RecordLoop loop = broker.loop(three.consumer(), counting, commits::add, LoopSettings.defaults())) {
            loop.runOnce(NOT_AT_ALL);
        }

        assertEquals(3, expected.size());
        assertEquals(List.of(expected), commits);
    }

    @Test
    void triesAgainAfterWaitsThatDouble() {
        send("a");
        List<Duration> attempts = new ArrayList<>();
        Duration start = clock.elapsed();
        try (RecordLoop loop = loop(record -> {
            attempts.add(clock.elapsed().minus(start));
            if (attempts.size() < 6) {
                throw new Exception("not yet");
            }
        })) {
            assertEquals(1, loop.runOnce(NOT_AT_ALL));
        }

        assertEquals(List.of(millis(0), millis(100), millis(300), millis(700), millis(1_500), millis(2_500)), attempts);
        assertEquals(List.of(Map.of(partition, 1L)), commits);
    }

    @Test
    void stopsAtARecordThatCannotBeHandledAndBeginsThereAgain() {
        send("a", "bad", "c");
        IllegalArgumentException failure = new IllegalArgumentException("no such thing");
        List<IllegalArgumentException> failures = new ArrayList<>(List.of(failure, failure));
        try (RecordLoop loop = loop(
                record -> {
                    if (record.value().equals("bad") && !failures.isEmpty()) {
                        throw failures.remove(0);
                    }
                    handled.add(record.value());
                },
                LoopSettings.defaults().withRetries(1))) {
            PoisonRecordException e = assertThrows(PoisonRecordException.class, loop::run);

            assertEquals("record cannot be handled: partition=t-0, offset=1", e.getMessage());
            assertSame(failure, e.getCause());
            assertEquals(List.of("a"), handled);
            assertEquals(List.of(Map.of(partition, 1L)), commits);

            assertEquals(2, loop.runOnce(NOT_AT_ALL));
            assertEquals(List.of("a", "bad", "c"), handled);
            assertEquals(Map.of(partition, 3L), commits.get(1));
        }
    }

    @Test
    void skipsARecordThatCannotBeHandled() {
        send("a", "bad", "c");
        try (RecordLoop loop = loop(refusingBad(), noRetries(PoisonPolicy.skip()))) {
            assertEquals(3, loop.runOnce(NOT_AT_ALL));
        }

        assertEquals(List.of("a", "c"), handled);
        assertEquals(List.of(Map.of(partition, 3L)), commits);
    }

    @Test
    void anErrorEndsItWithoutATry() {
        send("a", "b");
        AssertionError error = new AssertionError("broken");
        try (RecordLoop loop = loop(
                record -> {
                    handled.add(record.value());
                    if (record.value().equals("b")) {
                        throw error;
                    }
                },
                LoopSettings.defaults().withPoison(PoisonPolicy.skip()))) {
            assertSame(error, assertThrows(AssertionError.class, loop::run));

            assertEquals(List.of("a", "b"), handled);
            assertEquals(List.of(Map.of(partition, 1L)), commits);
        }
    }

    @Test
    void tellsTheCommitterAgainWhatItDidNotTake() {
        send("a");
        List<RuntimeException> failures = new ArrayList<>(List.of(new IllegalStateException("not now")));
        Committer committer = nextOffsets -> {
            if (!failures.isEmpty()) {
                throw failures.remove(0);
            }
            commits.add(nextOffsets);
        };
        try (RecordLoop loop = broker.loop(topic.consumer(), handling(), committer, LoopSettings.defaults())) {
            assertThrows(IllegalStateException.class, () -> loop.runOnce(NOT_AT_ALL));
            send("b");
            assertEquals(1, loop.runOnce(NOT_AT_ALL));
        }

        assertEquals(List.of("a", "b"), handled);
        assertEquals(List.of(Map.of(partition, 2L)), commits);
    }

    @Test
    void aCommitThatFailsDoesNotHideWhyTheRunEnded() {
        send("a", "bad");
        Committer failing = nextOffsets -> {
            throw new IllegalStateException("not now");
        };
        try (RecordLoop loop = broker.loop(topic.consumer(), refusingBad(), failing, noRetries(PoisonPolicy.stop()))) {
            PoisonRecordException e = assertThrows(PoisonRecordException.class, loop::run);

            assertEquals("not now", e.getSuppressed()[0].getMessage());
        }
    }

    @Test
    void closedByTheHandlerItFinishesTheRecordInHandOnly() {
        send("a", "b", "c");
        Consumer<String, String> consumer = topic.consumer();
        RecordLoop[] loops = new RecordLoop[1];
        loops[0] = broker.loop(
                consumer,
                record -> {
                    loops[0].close();
                    handled.add(record.value());
                },
                commits::add,
                LoopSettings.defaults());

        loops[0].run();

        assertEquals(List.of("a"), handled);
        assertEquals(List.of(Map.of(partition, 1L)), commits);
        assertThrows(IllegalStateException.class, () -> consumer.poll(NOT_AT_ALL));
    }

    @Test
    void closingEndsAWaitForTheNextAttemptAtOnce() {
        send("bad");
        RecordLoop[] loops = new RecordLoop[1];
        loops[0] = loop(record -> {
            handled.add(record.value());
            // Acknowledged while the loop waits, which is when a manual broker works.
            topic.send("k", "v").thenRun(() -> loops[0].close());
            throw new Exception("no");
        });
        Duration start = clock.elapsed();

        loops[0].run();

        assertEquals(start, clock.elapsed());
        assertEquals(List.of("bad"), handled);
        assertEquals(List.of(), commits);
    }

    @Test
    void closingDuringAPollEndsIt() {
        RecordLoop loop = loop(handling());
        Duration start = clock.elapsed();
        topic.send("k", "v").thenRun(loop::close);

        loop.run();

        assertEquals(start, clock.elapsed());
        assertEquals(List.of(), handled);
    }

    @Test
    void anInterruptEndsARunAfterTheRecordInHand() {
        send("a", "b", "c");
        try (RecordLoop loop = loop(record -> {
            handled.add(record.value());
            if (record.value().equals("b")) {
                Thread.currentThread().interrupt();
            }
        })) {
            loop.run();

            assertTrue(Thread.interrupted());
            assertEquals(List.of("a", "b"), handled);
            assertEquals(List.of(Map.of(partition, 2L)), commits);
            assertEquals(1, loop.runOnce(NOT_AT_ALL));
            assertEquals(List.of("a", "b", "c"), handled);
        }
    }

    @Test
    void aHandlerThatIsInterruptedDidNotFail() {
        send("a", "b");
        try (RecordLoop loop = loop(
                record -> {
                    if (handled.size() == 1) {
                        handled.add("interrupted");
                        throw new InterruptedException();
                    }
                    handled.add(record.value());
                },
                noRetries(PoisonPolicy.skip()))) {
            loop.run();

            assertTrue(Thread.interrupted());
            assertEquals(List.of(Map.of(partition, 1L)), commits);
            assertEquals(1, loop.runOnce(NOT_AT_ALL));
            assertEquals(List.of("a", "interrupted", "b"), handled);
        }
    }

    @Test
    void skipsNothingBecauseTheBrokerWasClosed() {
        send("a");
        Broker[] brokers = {broker};
        RecordLoop loop = loop(
                record -> {
                    handled.add(record.value());
                    brokers[0].close();
                    throw new Exception("no");
                },
                LoopSettings.defaults().withPoison(PoisonPolicy.skip()));

        assertThrows(BrokerClosedException.class, loop::run);

        assertEquals(List.of("a"), handled);
        assertEquals(List.of(), commits);
        loop.close();
    }

    @Test
    void commitsWhatWasHandledThoughTheConsumerCannotGoBack() {
        send("a", "b", "c");
        RecordLoop loop = loop(
                record -> {
                    if (record.value().equals("b")) {
                        broker.close();
                        throw new Exception("no");
                    }
                },
                noRetries(PoisonPolicy.stop()));

        PoisonRecordException e = assertThrows(PoisonRecordException.class, loop::run);

        assertEquals(List.of(Map.of(partition, 1L)), commits);
        assertEquals(BrokerClosedException.class, e.getSuppressed()[0].getClass());
        loop.close();
    }

    @Test
    void runsOnceAtATimeAndNotAfterItWasClosed() {
        send("a");
        RecordLoop[] loops = new RecordLoop[1];
        List<Throwable> refusals = new ArrayList<>();
        loops[0] = loop(record -> {
            refusals.add(assertThrows(IllegalStateException.class, loops[0]::run));
            refusals.add(assertThrows(IllegalStateException.class, loops[0]::start));
        });

        loops[0].runOnce(NOT_AT_ALL);
        loops[0].close();
        loops[0].close();

        assertEquals(2, refusals.size());
        refusals.forEach(refusal -> assertEquals("the loop runs already", refusal.getMessage()));
        assertEquals(
                "the loop is closed",
                assertThrows(IllegalStateException.class, loops[0]::run).getMessage());
    }

    @Test
    void startsNoThreadWhereThereAreToBeNone() {
        send("a");
        try (RecordLoop loop = loop(handling())) {
            IllegalStateException e = assertThrows(IllegalStateException.class, loop::start);

            assertTrue(e.getMessage().contains("mode=MANUAL"), e::getMessage);
            assertEquals(1, loop.runOnce(NOT_AT_ALL));
        }
    }

    /** Whatever ends a run, and however often: with what was committed, all is handled once. */
    @Test
    void handlesEachRecordOnceHoweverOftenItEnds() {
        for (long seed = 0; seed < 200; seed++) {
            RecordLoopTest run = new RecordLoopTest();
            try {
                run.endInManyWays(seed);
            } finally {
                run.closeBroker();
            }
        }
    }

    private void endInManyWays(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Topic<String, String> many =
                broker.topic("many", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));
        Map<TopicPartition, Long> committed = new HashMap<>();
        Map<TopicPartition, List<Long>> done = new HashMap<>();
        int sent = 0;
        int endings = 0;
        while (sent < 300 || count(done) < sent) {
            for (int i = random.nextInt(40); i > 0 && sent < 300; i--) {
                many.send("key-" + random.nextInt(9), "v-" + sent++).join();
            }
            RecordLoop[] loops = new RecordLoop[1];
            Consumer<String, String> consumer = many.consumer();
            committed.forEach((place, offset) -> consumer.seek(place, offset));
            loops[0] = broker.loop(
                    consumer,
                    record -> {
                        switch (random.nextInt(8)) {
                            case 0 -> throw new Exception("fails");
                            case 1 -> throw new InterruptedException();
                            case 2 -> throw new AssertionError("breaks");
                            case 3 -> loops[0].close();
                            case 4 -> Thread.currentThread().interrupt();
                            default -> {
                                // only handled
                            }
                        }
                        done.computeIfAbsent(new TopicPartition("many", record.partition()), place -> new ArrayList<>())
                                .add(record.offset());
                    },
                    committed::putAll,
                    LoopSettings.defaults().withRetries(random.nextInt(2)));
            try {
                loops[0].runOnce(NOT_AT_ALL);
                if (random.nextBoolean()) {
                    loops[0].runOnce(NOT_AT_ALL);
                }
            } catch (PoisonRecordException | AssertionError | IllegalStateException e) {
                endings++;
            } finally {
                Thread.interrupted();
                loops[0].close();
            }
        }
        long testedSeed = seed;
        done.forEach((place, offsets) -> {
            for (int i = 0; i < offsets.size(); i++) {
                assertEquals(i, offsets.get(i), "seed=" + testedSeed + ", place=" + place);
            }
            assertEquals(committed.get(place), offsets.size(), "seed=" + testedSeed + ", place=" + place);
        });
        assertTrue(endings > 0, "seed=" + testedSeed);
    }

    private static int count(Map<TopicPartition, List<Long>> done) {
        return done.values().stream().mapToInt(List::size).sum();
    }

    private RecordLoop loop(RecordHandler<String, String> handler) {
        return loop(handler, LoopSettings.defaults());
    }

    private RecordLoop loop(RecordHandler<String, String> handler, LoopSettings settings) {
        return broker.loop(topic.consumer(), handler, commits::add, settings);
    }

    private RecordHandler<String, String> handling() {
        return record -> handled.add(record.value());
    }

    private RecordHandler<String, String> refusingBad() {
        return record -> {
            if (record.value().equals("bad")) {
                throw new IllegalArgumentException("no such thing");
            }
            handled.add(record.value());
        };
    }

    private static LoopSettings noRetries(PoisonPolicy poison) {
        return LoopSettings.defaults().withRetries(0).withPoison(poison);
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }

    private void send(String... values) {
        for (String value : values) {
            topic.send("k", value).join();
        }
    }
}
