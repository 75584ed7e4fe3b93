package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.LoopSettings;
import io.tidemill.PoisonPolicy;
import io.tidemill.RecordLoop;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.WakeupException;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupDescription.State;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetAndMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** B04, C07, G01: members on threads of their own, virtual ones too, and handler loops in groups. */
class GroupThreadsTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int KEYS = 20;

    private Broker broker;
    private Topic<String, Long> topic;

    /** Not with the object: of a test that is skipped there is one, too, and nobody closes what that has opened. */
    @BeforeEach
    void openBroker() {
        broker = Broker.inMemory();
        topic = broker.topic("t", Serdes.string(), Serdes.longs(), TopicSettings.partitions(8));
    }

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    /** Members come and go while records are sent: each key's records come in their order, and all of them. */
    @Test
    void keysStayInOrderWhileMembersComeAndGo() throws Exception {
        int perKey = 2_000;
        Map<String, Long> next = new ConcurrentHashMap<>();
        List<String> wrong = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendAll(perKey), threads);
            List<CompletableFuture<Void>> reading = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                reading.add(CompletableFuture.runAsync(() -> readInTurns(perKey, next, wrong), threads));
            }
            sending.get(60, TimeUnit.SECONDS);
            for (CompletableFuture<Void> each : reading) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(List.of(), wrong);
        assertEquals(KEYS, next.size());
        next.forEach((key, count) -> assertEquals(perKey, count, key));
        assertEquals(0, Groups.of(broker).describe("g").lag());
    }

    private void sendAll(int perKey) {
        for (long number = 0; number < perKey; number++) {
            for (int key = 0; key < KEYS; key++) {
                topic.send("k" + key, number);
            }
        }
    }

    /** A member after the other, each for some polls; until everything was read by somebody. */
    private void readInTurns(int perKey, Map<String, Long> next, List<String> wrong) {
        while (!isAllRead(perKey, next)) {
            try (ConsumerGroup<String, Long> member = ConsumerGroup.join(topic, "g")) {
                for (int i = 0; i < 20 && !isAllRead(perKey, next); i++) {
                    for (ConsumerRecord<String, Long> record : member.poll(Duration.ofMillis(5))) {
                        // One member at a time has the partition, and so the key.
                        Long expected = next.getOrDefault(record.key(), 0L);
                        if (!expected.equals(record.value())) {
                            synchronized (wrong) {
                                wrong.add(record + ", expected=" + expected);
                            }
                        }
                        next.put(record.key(), record.value() + 1);
                    }
                }
            }
        }
    }

    private static boolean isAllRead(int perKey, Map<String, Long> next) {
        return next.size() == KEYS && next.values().stream().allMatch(count -> count == perKey);
    }

    @Test
    void closingEndsAPollOfAnotherThread() throws Exception {
        ConsumerGroup<String, Long> member = ConsumerGroup.join(topic, "g");
        FutureTask<List<ConsumerRecord<String, Long>>> polled = pollUntilItWaits(member);

        member.close();

        assertEquals(List.of(), polled.get(30, TimeUnit.SECONDS));
        assertEquals(State.EMPTY, Groups.of(broker).describe("g").state());
    }

    @Test
    void wakeupEndsAPoll() {
        try (ConsumerGroup<String, Long> member = ConsumerGroup.join(topic, "g")) {
            member.wakeup();
            assertThrows(WakeupException.class, () -> member.poll(SOON));
            assertEquals(List.of(), member.poll(Duration.ZERO));
        }
    }

    @Test
    void theBrokersEndEndsAPollOfAMemberThatHasNothingToRead() throws Exception {
        ConsumerGroup<String, Long> member = ConsumerGroup.join(topic, "g");
        broker.deleteTopic("t");
        FutureTask<List<ConsumerRecord<String, Long>>> polled = pollUntilItWaits(member);

        broker.close();

        Exception ended = assertThrows(Exception.class, () -> polled.get(30, TimeUnit.SECONDS));
        assertInstanceOf(BrokerClosedException.class, ended.getCause());
        member.close();
    }

    private static FutureTask<List<ConsumerRecord<String, Long>>> pollUntilItWaits(ConsumerGroup<String, Long> member) {
        FutureTask<List<ConsumerRecord<String, Long>>> polled = new FutureTask<>(() -> member.poll(SOON));
        Thread thread = new Thread(polled);
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING && !polled.isDone()) {
            Thread.onSpinWait();
        }
        return polled;
    }

    @Test
    void loopsInAGroupShareTheWorkAndCommitWhatTheyHandled() throws Exception {
        Map<String, AtomicInteger> handled = new ConcurrentHashMap<>();
        CountDownLatch all = new CountDownLatch(KEYS * 100);
        List<RecordLoop> loops = new ArrayList<>();
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            RecordLoop loop = ConsumerGroup.join(topic, "g")
                    .loop(
                            record -> {
                                handled.computeIfAbsent(record.key(), key -> new AtomicInteger())
                                        .incrementAndGet();
                                all.countDown();
                            },
                            LoopSettings.defaults());
            ends.add(loop.start());
            loops.add(loop);
        }
        sendAll(100);
        assertTrue(all.await(60, TimeUnit.SECONDS));
        for (RecordLoop loop : loops) {
            loop.close();
        }
        for (CompletableFuture<Void> end : ends) {
            end.get(30, TimeUnit.SECONDS);
        }
        assertEquals(0, Groups.of(broker).describe("g").lag());
        handled.forEach((key, count) -> assertTrue(count.get() >= 100, key + "=" + count));
    }

    @Test
    void aHandlerThatFailsStopsItsLoopAndTheRecordIsReadByTheNextMember() {
        topic.send("k", 1L).join();
        topic.send("k", 2L).join();
        List<Long> handled = new ArrayList<>();
        try (RecordLoop loop = ConsumerGroup.join(topic, "g")
                .loop(
                        record -> {
                            if (record.value() == 2) {
                                throw new IllegalStateException("planted");
                            }
                            handled.add(record.value());
                        },
                        LoopSettings.defaults().withRetries(0).withPoison(PoisonPolicy.stop()))) {
            assertThrows(io.tidemill.errors.PoisonRecordException.class, () -> loop.runOnce(SOON));
        }
        try (RecordLoop loop =
                ConsumerGroup.join(topic, "g").loop(record -> handled.add(record.value()), LoopSettings.defaults())) {
            assertEquals(1, loop.runOnce(SOON));
        }
        assertEquals(List.of(1L, 2L), handled);
    }

    /** A loop whose handler takes longer than it may is out of the group; others handle its records again, and it goes on. */
    @Test
    void aLoopThatWasTooSlowGoesOnAsANewMember() {
        GroupSettings brief = GroupSettings.defaults().withMaxPollInterval(Duration.ofNanos(1));
        topic.send("k", 1L).join();
        List<Long> handled = new ArrayList<>();
        try (ConsumerGroup<String, Long> slow = ConsumerGroup.join(topic, "g", brief)) {
            RecordLoop loop = slow.loop(
                    record -> {
                        handled.add(record.value());
                        // Whoever asks next finds that it does not poll.
                        Groups.of(broker).describe("g");
                    },
                    LoopSettings.defaults());
            assertEquals(1, loop.runOnce(SOON));
            assertEquals(1, slow.lag().values().stream().mapToLong(lag -> lag).sum());

            assertEquals(1, loop.runOnce(SOON));

            assertEquals(List.of(1L, 1L), handled);
            loop.close();
        }
    }

    @Test
    void commitsMayBeMadeByTheCallbackOfACommit() throws Exception {
        topic.send("k", 1L).join();
        TopicPartition partition;
        try (ConsumerGroup<String, Long> member = ConsumerGroup.join(topic, "g")) {
            partition = member.poll(SOON).get(0).topicPartition();
            CompletableFuture<Void> second = member.commitAsync(Map.of(partition, new OffsetAndMetadata(0)))
                    .thenCompose(nothing -> member.commitAsync(Map.of(partition, new OffsetAndMetadata(1))));
            second.get(30, TimeUnit.SECONDS);
            assertEquals(1, member.committed(Set.of(partition)).get(partition).offset());
        }
    }

    @Test
    void aThousandGroupsTakeNoThread() {
        topic.send("k", 1L).join();
        List<ConsumerGroup<String, Long>> members = new ArrayList<>();
        members.add(ConsumerGroup.join(topic, "g0"));
        // With the first one comes the thread that compacts.
        int threads = Thread.activeCount();
        for (int i = 1; i < 1_000; i++) {
            members.add(ConsumerGroup.join(topic, "g" + i));
        }
        int read = 0;
        for (ConsumerGroup<String, Long> member : members) {
            read += member.poll(Duration.ZERO).size();
        }
        assertEquals(1_000, read);
        assertTrue(Thread.activeCount() <= threads, "before=" + threads + ", after=" + Thread.activeCount());
        members.forEach(ConsumerGroup::close);
        assertEquals(1_000, Groups.of(broker).names().size());
    }

    /** Many more members than processors: none that waits holds up another one. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void membersMayBeVirtualThreads() throws Exception {
        int members = 200;
        Topic<String, Long> wide =
                broker.topic("wide", Serdes.string(), Serdes.longs(), TopicSettings.partitions(members));
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        CountDownLatch got = new CountDownLatch(members);
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        try {
            for (int i = 0; i < members; i++) {
                ends.add(CompletableFuture.runAsync(
                        () -> {
                            try (ConsumerGroup<String, Long> member = ConsumerGroup.join(wide, "g")) {
                                while (got.getCount() > 0) {
                                    member.poll(Duration.ofMillis(200)).forEach(record -> got.countDown());
                                }
                            }
                        },
                        threads));
            }
            for (int i = 0; i < members; i++) {
                wide.send(io.tidemill.ProducerRecord.<String, Long>of(null, 1L).toPartition(i));
            }
            assertTrue(got.await(60, TimeUnit.SECONDS), "left=" + got.getCount());
            for (CompletableFuture<Void> end : ends) {
                end.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
