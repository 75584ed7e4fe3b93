package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.junit.jupiter.api.Test;

/** X06, the modes: whose threads a broker uses, how many, what they are called, and that they end. */
class ThreadModesTest {
    private final List<Thread> made = new CopyOnWriteArrayList<>();
    private final ThreadFactory recording = work -> {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        made.add(thread);
        return thread;
    };

    @Test
    void startsNoThreadInManualMode() {
        try (Broker broker = open(Threads.manual().withFactory(recording))) {
            CompletableFuture<?> send = topic(broker).send("k", "v");

            assertEquals(List.of(), made);
            assertTrue(broker.doWork() > 0);
            assertTrue(send.isDone());
        }
    }

    @Test
    void aManualBrokerDoesNothingByItself() {
        try (Broker broker = open(Threads.manual())) {
            Topic<String, String> topic = topic(broker);
            while (broker.doWork() > 0) {
                // whatever creating the topic left
            }
            CompletableFuture<?> send = topic.send("k", "v");

            assertTrue(!send.isDone());
            send.join();
            assertEquals(0, broker.doWork());
        }
    }

    @Test
    void startsOneThreadInSharedMode() {
        try (Broker broker = open(Threads.shared().withFactory(recording))) {
            topic(broker).send("k", "v").join();

            assertEquals(Set.of("tidemill"), namesOfAlive());
        }
        assertEquals(Set.of(), namesOfAlive());
    }

    @Test
    void startsAtMostThreeNamedDaemonThreadsByDefault() {
        assertEquals(Threads.Mode.DEDICATED, Seams.system().threads().mode());
        try (Broker broker = open(Threads.dedicated().withFactory(recording))) {
            topic(broker).send("k", "v").join();

            assertEquals(Set.of("tidemill-lane-0", "tidemill-delivery"), namesOfAlive());
        }
        assertEquals(Set.of(), namesOfAlive());
    }

    @Test
    void startsTheThirdOneForTheFirstTopicThatIsCompacted() {
        TopicSettings compacted = TopicSettings.partitions(2).withCleanup(CleanupSettings.of(CleanupPolicy.COMPACT));
        Storage storage = Storage.inMemory();
        Set<String> three = Set.of("tidemill-lane-0", "tidemill-delivery", "tidemill-maintenance");
        for (int i = 0; i < 2; i++) {
            Seams seams = Seams.system().withThreads(Threads.dedicated().withFactory(recording));
            try (Broker broker = Broker.open(storage, BrokerSettings.defaults(), seams)) {
                assertEquals(i == 0 ? 2 : 3, namesOfAlive().size());
                broker.topic("a", Serdes.string(), Serdes.string(), compacted);
                broker.topic("b", Serdes.string(), Serdes.string(), compacted);

                assertEquals(three, namesOfAlive());
            }
            assertEquals(Set.of(), namesOfAlive());
        }
    }

    @Test
    void waitsForAThreadThatHadNotBegunWhenItWasClosed() {
        ThreadFactory late = work -> recording.newThread(() -> {
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            work.run();
        });

        open(Threads.dedicated().withFactory(late)).close();

        assertEquals(2, made.size());
        made.forEach(thread -> assertFalse(thread.isAlive()));
    }

    /** Real time: a thread that sleeps does so for a tenth of a second if nobody wakes it. */
    @Test
    void wakesUpThreadsThatSleepToEndThem() {
        double[] tookMs = new double[15];
        for (int i = 0; i < tookMs.length; i++) {
            made.clear();
            Broker broker = open(Threads.dedicated().withFactory(recording));
            topic(broker).send("k", "v").join();
            awaitSleeping();
            long startNs = System.nanoTime();
            broker.close();
            tookMs[i] = (System.nanoTime() - startNs) / 1e6;
        }

        Arrays.sort(tookMs);

        assertTrue(tookMs[tookMs.length / 2] < 30, () -> Arrays.toString(tookMs));
    }

    private void awaitSleeping() {
        for (Thread thread : made) {
            while (thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void theDefaultFactoryMakesDaemons() {
        assertTrue(Threads.dedicated().factory().newThread(() -> {}).isDaemon());
    }

    @Test
    void startsAThreadForEachLane() {
        BrokerSettings threeLanes = BrokerSettings.defaults().withLanes(3);
        Seams seams = Seams.system().withThreads(Threads.dedicated().withFactory(recording));
        try (Broker broker = Broker.open(Storage.inMemory(), threeLanes, seams)) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(6));
            for (int i = 0; i < 100; i++) {
                topic.send("key-" + i, "v").join();
            }

            assertEquals(
                    Set.of("tidemill-lane-0", "tidemill-lane-1", "tidemill-lane-2", "tidemill-delivery"),
                    namesOfAlive());
        }
    }

    @Test
    void usesTheIdleStrategyThatItIsGiven() {
        AtomicInteger strategies = new AtomicInteger();
        Threads threads = Threads.dedicated().withIdleStrategy(() -> {
            strategies.incrementAndGet();
            return YieldingIdleStrategy.INSTANCE;
        });
        try (Broker broker = open(threads)) {
            topic(broker).send("k", "v").join();

            assertEquals(2, strategies.get());
        }
    }

    @Test
    void severalThreadsMayWaitOnAManualBroker() throws InterruptedException {
        try (Broker broker = open(Threads.manual())) {
            Topic<String, String> topic = topic(broker);
            AtomicInteger acknowledged = new AtomicInteger();
            List<Thread> senders = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Thread sender = new Thread(() -> {
                    for (int n = 0; n < 2_000; n++) {
                        topic.send("k", "v").join();
                        acknowledged.incrementAndGet();
                    }
                });
                sender.start();
                senders.add(sender);
            }
            for (Thread sender : senders) {
                sender.join();
            }

            assertEquals(8_000, acknowledged.get());
        }
    }

    private static Broker open(Threads threads) {
        return Broker.open(
                Storage.inMemory(), BrokerSettings.defaults(), Seams.system().withThreads(threads));
    }

    private static Topic<String, String> topic(Broker broker) {
        return broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
    }

    private Set<String> namesOfAlive() {
        Set<String> names = new HashSet<>();
        for (Thread thread : made) {
            assertTrue(thread.isDaemon());
            if (thread.isAlive()) {
                names.add(thread.getName());
            }
        }
        return names;
    }
}
