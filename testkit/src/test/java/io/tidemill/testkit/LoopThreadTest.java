package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
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
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C07, threads: a loop on a thread of its own, and what others may do to it. */
class LoopThreadTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    Path directory;

    private final List<Thread> made = new CopyOnWriteArrayList<>();
    private final List<String> handled = new CopyOnWriteArrayList<>();
    private final Map<TopicPartition, Long> committed = new ConcurrentHashMap<>();
    private Broker broker = open(Engine.MEMORY, Threads.Mode.DEDICATED);

    @AfterEach
    void closeBroker() throws InterruptedException {
        broker.close();
        for (Thread thread : made) {
            // A loop that nobody waited for has told its end, and has yet to end.
            thread.join(30_000);
            assertFalse(thread.isAlive(), thread::getName);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Threads.Mode.class,
            names = {"DEDICATED", "SHARED"})
    void handlesWhatComesUntilItIsClosed(Threads.Mode mode) {
        for (Engine engine : Engine.values()) {
            broker.close();
            handled.clear();
            broker = open(engine, mode);
            Topic<String, String> topic = topic(3);
            Set<String> sent = new HashSet<>();
            CountDownLatch all = new CountDownLatch(3_000);
            RecordHandler<String, String> handler = record -> {
                handled.add(record.value());
                all.countDown();
            };
            CompletableFuture<Void> ended;
            try (RecordLoop loop = broker.loop(topic.consumer(), handler, committed::putAll, LoopSettings.defaults())) {
                ended = loop.start();
                for (int i = 0; i < 3_000; i++) {
                    topic.send("key-" + i, "v-" + i);
                    sent.add("v-" + i);
                }
                await(all);
            }

            assertTrue(ended.isDone() && !ended.isCompletedExceptionally());
            assertFalse(loopThread().isAlive());
            assertEquals(3_000, handled.size());
            assertEquals(sent, new HashSet<>(handled));
            assertEquals(
                    3_000,
                    committed.values().stream().mapToLong(Long::longValue).sum());
        }
    }

    @Test
    void hasANamedDaemonThreadThatEndsWithIt() {
        RecordLoop loop = broker.loop(topic(1).consumer(), record -> {}, LoopSettings.defaults());
        Set<String> before = namesOfAlive();
        loop.start();
        Set<String> during = namesOfAlive();
        assertTrue(loopThread().isDaemon());

        loop.close();

        during.removeAll(before);
        assertEquals(Set.of("tidemill-loop"), during);
        assertEquals(before, namesOfAlive());
    }

    @Test
    void closingWaitsForTheRecordInHandAndTakesNoFurtherOne() throws InterruptedException {
        Topic<String, String> topic = topic(1);
        send(topic, "a", "b");
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        RecordHandler<String, String> handler = record -> {
            inHand.countDown();
            await(release);
            handled.add(record.value());
        };
        RecordLoop loop = broker.loop(topic.consumer(), handler, committed::putAll, LoopSettings.defaults());
        loop.start();
        await(inHand);
        Thread closer = new Thread(loop::close);
        closer.start();
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }

        release.countDown();
        closer.join();

        assertEquals(List.of("a"), handled);
        assertEquals(Map.of(new TopicPartition("t", 0), 1L), committed);
        assertFalse(loopThread().isAlive());
    }

    @Test
    void anInterruptOfWhoClosesEndsOnlyTheWait() {
        Topic<String, String> topic = topic(1);
        send(topic, "a");
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        RecordHandler<String, String> handler = record -> {
            inHand.countDown();
            await(release);
            handled.add(record.value());
        };
        RecordLoop loop = broker.loop(topic.consumer(), handler, committed::putAll, LoopSettings.defaults());
        CompletableFuture<Void> ended = loop.start();
        await(inHand);
        Thread.currentThread().interrupt();

        loop.close();

        assertTrue(Thread.interrupted());
        assertFalse(ended.isDone());
        release.countDown();
        loop.close();
        ended.join();
        assertEquals(Map.of(new TopicPartition("t", 0), 1L), committed);
    }

    @Test
    void closingEndsAWaitForTheNextAttempt() {
        Topic<String, String> topic = topic(1);
        send(topic, "bad");
        CountDownLatch failed = new CountDownLatch(1);
        RecordHandler<String, String> handler = record -> {
            failed.countDown();
            throw new Exception("no");
        };
        try (RecordLoop loop = broker.loop(
                topic.consumer(),
                handler,
                committed::putAll,
                LoopSettings.defaults().withRetryBackoff(HOUR, HOUR))) {
            loop.start();
            await(failed);
        }

        assertEquals(Map.of(), committed);
    }

    @Test
    void closesARunOnAThreadOfTheUser() throws InterruptedException {
        Topic<String, String> topic = topic(1);
        CountDownLatch first = new CountDownLatch(1);
        RecordLoop loop = broker.loop(topic.consumer(), record -> first.countDown(), LoopSettings.defaults());
        Thread thread = new Thread(loop::run);
        thread.start();
        send(topic, "a");
        await(first);

        loop.close();

        thread.join();
        assertThrows(IllegalStateException.class, loop::run);
    }

    /** Whichever it meets: a run that begins, polls, handles, or has ended. */
    @Test
    void canBeClosedAtAnyMoment() {
        Topic<String, String> topic = topic(1);
        send(topic, "a", "b", "c");
        for (int i = 0; i < 2_000; i++) {
            RecordLoop loop = broker.loop(topic.consumer(), record -> {}, LoopSettings.defaults());
            CompletableFuture<Void> ended = loop.start();
            for (int spin = i % 100 * 20; spin > 0; spin--) {
                Thread.onSpinWait();
            }

            loop.close();

            ended.join();
        }
    }

    @Test
    void aHandlerThatInterruptsTheThreadDoesNotEndTheLoop() {
        Topic<String, String> topic = topic(1);
        send(topic, "a", "b", "c");
        CountDownLatch all = new CountDownLatch(4);
        RecordHandler<String, String> handler = record -> {
            handled.add(record.value());
            all.countDown();
            if (handled.size() == 1) {
                throw new InterruptedException();
            }
            Thread.currentThread().interrupt();
        };
        LoopSettings atOnce = LoopSettings.defaults().withRetryBackoff(Duration.ZERO, Duration.ZERO);
        try (RecordLoop loop = broker.loop(topic.consumer(), handler, atOnce)) {
            loop.start();
            await(all);
        }

        assertEquals(List.of("a", "a", "b", "c"), handled);
    }

    @Test
    void tellsWhyItEndedAndCanBeStartedAgain() {
        Topic<String, String> topic = topic(1);
        send(topic, "bad");
        IllegalStateException failure = new IllegalStateException("no");
        List<IllegalStateException> failures = new ArrayList<>(List.of(failure));
        CountDownLatch done = new CountDownLatch(1);
        RecordHandler<String, String> handler = record -> {
            if (!failures.isEmpty()) {
                throw failures.remove(0);
            }
            done.countDown();
        };
        try (RecordLoop loop = broker.loop(
                topic.consumer(),
                handler,
                committed::putAll,
                LoopSettings.defaults().withRetries(0))) {
            CompletionException e =
                    assertThrows(CompletionException.class, () -> loop.start().join());
            assertSame(
                    failure,
                    assertInstanceOf(PoisonRecordException.class, e.getCause()).getCause());

            loop.start();
            await(done);
        }

        assertEquals(Map.of(new TopicPartition("t", 0), 1L), committed);
    }

    @Test
    void endsWithTheBroker() throws InterruptedException {
        RecordLoop loop = broker.loop(topic(1).consumer(), record -> {}, LoopSettings.defaults());
        CompletableFuture<Void> ended = loop.start();

        broker.close();

        CompletionException e = assertThrows(CompletionException.class, ended::join);
        assertInstanceOf(BrokerClosedException.class, e.getCause());
        loop.close();
        loopThread().join();
    }

    @Test
    void endsWithTheBrokerWhereItWaitsForTheNextAttempt() throws InterruptedException {
        Topic<String, String> topic = topic(1);
        send(topic, "bad");
        CountDownLatch failed = new CountDownLatch(1);
        RecordHandler<String, String> handler = record -> {
            failed.countDown();
            throw new Exception("no");
        };
        RecordLoop loop = broker.loop(
                topic.consumer(),
                handler,
                committed::putAll,
                LoopSettings.defaults().withRetryBackoff(HOUR, HOUR));
        CompletableFuture<Void> ended = loop.start();
        await(failed);

        broker.close();

        CompletionException e = assertThrows(CompletionException.class, ended::join);
        assertInstanceOf(BrokerClosedException.class, e.getCause());
        loop.close();
        loopThread().join();
    }

    @Test
    void closingOnTheBrokersThreadDoesNotWaitForWhatThatThreadHasToDo() {
        broker.topic("dead", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
        Topic<String, String> topic = topic(1);
        send(topic, "bad");
        RecordLoop[] loops = new RecordLoop[1];
        RecordHandler<String, String> handler = record -> {
            // Its letter is acknowledged by the thread that this callback keeps busy, until close() returns.
            CountDownLatch closing = new CountDownLatch(1);
            inCallback(topic, () -> {
                closing.countDown();
                loops[0].close();
            });
            await(closing);
            throw new Exception("no");
        };
        loops[0] = broker.loop(
                topic.consumer(),
                handler,
                committed::putAll,
                LoopSettings.defaults().withRetries(0).withPoison(PoisonPolicy.deadLetter("dead")));

        loops[0].start().join();

        assertEquals(Map.of(new TopicPartition("t", 0), 1L), committed);
    }

    @Test
    void isNotRunByACallbackOfTheBroker() {
        Topic<String, String> topic = topic(1);
        try (RecordLoop loop = broker.loop(topic.consumer(), record -> {}, LoopSettings.defaults())) {
            CompletableFuture<Void> run = inCallback(topic, loop::run);

            CompletionException e = assertThrows(CompletionException.class, run::join);

            assertInstanceOf(IllegalStateException.class, e.getCause());
        }
    }

    private Broker open(Engine engine, Threads.Mode mode) {
        Threads threads = new Threads(mode, Threads.dedicated().factory(), null).withFactory(work -> {
            Thread thread = Threads.dedicated().factory().newThread(work);
            made.add(thread);
            return thread;
        });
        return Broker.open(
                engine == Engine.MEMORY ? engine.storage(Path.of("")) : engine.storage(directory.resolve(mode.name())),
                BrokerSettings.defaults(),
                Seams.system().withThreads(threads));
    }

    private Topic<String, String> topic(int partitions) {
        return broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(partitions));
    }

    /** On the delivery thread: nothing behind a claim is acknowledged before it is given back. */
    private static CompletableFuture<Void> inCallback(Topic<String, String> topic, Runnable work) {
        try (RawProducer claiming = topic.rawProducer(0)) {
            claiming.claim(RawProducer.NULL_LENGTH, 8);
            CompletableFuture<Void> done = topic.send("k", "v").thenRun(work);
            claiming.abort();
            return done;
        }
    }

    private static void send(Topic<String, String> topic, String... values) {
        for (String value : values) {
            topic.send("k", value).join();
        }
    }

    private Thread loopThread() {
        List<Thread> threads = made.stream()
                .filter(thread -> thread.getName().equals("tidemill-loop"))
                .collect(Collectors.toList());
        return threads.get(threads.size() - 1);
    }

    private Set<String> namesOfAlive() {
        return made.stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
