package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.CommitFailedException;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.ReadOnlyException;
import io.tidemill.errors.RecordTooLargeException;
import io.tidemill.errors.TidemillException;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetAndMetadata;
import io.tidemill.groups.RebalanceListener;
import io.tidemill.log.ChronicleLog;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import io.tidemill.testkit.BrokenStorage.Act;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** G04: what is told of a commit is so, whatever else is under way or fails. */
class GroupCommitsTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);
    private static final GroupSettings MANUAL = GroupSettings.defaults().withCommits(CommitPolicy.manual());
    private static final String OFFSETS_LOG = "__consumer_offsets-0";

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @Test
    void noCommitIsToldAsWrittenOnTheGroundOfOneThatFailed() {
        BrokenStorage storage = new BrokenStorage(Storage.inMemory());
        try (Broker broker = manual(storage);
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker, 2), "g", MANUAL)) {
            send(broker, T0, 3);
            assertEquals(3, member.poll(Duration.ZERO).size());
            storage.breakLog(OFFSETS_LOG, Act.APPEND);
            Map<TopicPartition, OffsetAndMetadata> byHand = Map.of(T1, new OffsetAndMetadata(0));
            member.commitAsync(byHand);
            CompletableFuture<Void> first = member.commitAsync();
            CompletableFuture<Void> again = member.commitAsync(byHand)
                    .handle((nothing, failure) -> {
                        storage.mend();
                        return member.commitAsync();
                    })
                    .thenCompose(second -> second);

            assertThrows(CompletionException.class, first::join);
            assertThrows(CompletionException.class, again::join);
            member.commit();

            assertEquals(3, committed(member, T0));
        }
    }

    @Test
    void howFarIsReadIsCommittedAfterLessWasCommittedByHand() {
        try (Broker broker = manual(Storage.inMemory());
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker, 2), "g", MANUAL)) {
            send(broker, T0, 3);
            assertEquals(3, member.poll(Duration.ZERO).size());
            member.commit();
            member.commit(Map.of(T0, new OffsetAndMetadata(1)));

            member.commit();

            assertEquals(3, committed(member, T0));
        }
    }

    @Test
    void aPositionBehindTheEndHoldsUpNoAutomaticCommitOfTheOthers() {
        try (Broker broker = manual(Storage.inMemory())) {
            send(broker, T0, 3);
            send(broker, T1, 3);
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker, 2), "g")) {
                assertEquals(6, member.poll(Duration.ZERO).size());
                member.seek(T1, 100);
                clock.advance(Duration.ofSeconds(5));
                assertEquals(3, member.poll(Duration.ZERO).size());
                assertEquals(3, committed(member, T0));
                send(broker, T0, 1);
                assertEquals(1, member.poll(Duration.ZERO).size());
                member.seek(T1, 100);
            }
            assertEquals(
                    4,
                    Objects.requireNonNull(Groups.of(broker)
                                    .describe("g")
                                    .progress()
                                    .get(T0)
                                    .committed())
                            .offset());
        }
    }

    @Test
    void whatIsRefusedFailsTheAnswerOfACommitThatNobodyWaitsFor() {
        try (Broker broker = manual(Storage.inMemory());
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker, 2), "g", MANUAL)) {
            CompletableFuture<Void> beyond = member.commitAsync(Map.of(T0, new OffsetAndMetadata(1)));
            assertInstanceOf(OffsetOutOfRangeException.class, causeOf(beyond));

            clock.advance(Duration.ofMinutes(6));
            Groups.of(broker).describe("g");

            assertInstanceOf(CommitFailedException.class, causeOf(member.commitAsync()));
        }
    }

    @Test
    void commitsThatGoTogetherAreNotTooLargeBecauseOfThat() {
        int partitions = 300;
        try (Broker broker = manual(Storage.inMemory());
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker, partitions), "g", MANUAL)) {
            CompletableFuture<Void> underWay = member.commitAsync(Map.of(T0, new OffsetAndMetadata(0)));
            CompletableFuture<Void> some = member.commitAsync(withMetadata(0, partitions / 2));
            CompletableFuture<Void> others = member.commitAsync(withMetadata(partitions / 2, partitions));

            underWay.join();
            some.join();
            others.join();

            assertEquals(
                    4096,
                    Objects.requireNonNull(member.committed(Set.of(T1)).get(T1))
                            .metadata()
                            .length());
        }
    }

    /** It fails before it is on its way, while what was before it still is, and others go on. */
    @Test
    void whatACommitThatFailedSaidIsNotTakenForTrue() {
        int partitions = 300;
        try (Broker broker = manual(Storage.inMemory());
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker, partitions), "g", MANUAL)) {
            CompletableFuture<Void> underWay = member.commitAsync(Map.of(T0, new OffsetAndMetadata(0)));
            CompletableFuture<Void> tooLarge = member.commitAsync(withMetadata(0, partitions));
            ConsumerGroup.join(topic(broker, partitions), "g", MANUAL).close();

            underWay.join();

            assertInstanceOf(RecordTooLargeException.class, causeOf(tooLarge));
            assertEquals(Map.of(T0, new OffsetAndMetadata(0)), member.committed(Set.of(T0, T1)));
        }
    }

    @Test
    void nothingIsHeldUpByTheCallbackOfACommitThatTheBrokersEndCutOff() {
        Broker broker = manual(Storage.inMemory());
        ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker, 2), "g", MANUAL);
        Groups groups = Groups.of(broker);
        member.commitAsync(Map.of(T0, new OffsetAndMetadata(0)));
        CompletableFuture<Boolean> othersGoOn = member.commitAsync(Map.of(T1, new OffsetAndMetadata(0)))
                .handle((nothing, failure) ->
                        failure != null && endsSoon(CompletableFuture.supplyAsync(groups::names)));

        broker.close();

        assertTrue(othersGoOn.join());
        member.close();
    }

    private static boolean endsSoon(CompletableFuture<?> asked) {
        try {
            asked.handle((answer, failure) -> true).get(10, TimeUnit.SECONDS);
            return true;
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            return false;
        }
    }

    @Test
    void groupsGoOnAfterAFlushThatFailed() {
        BrokenStorage storage = new BrokenStorage(Storage.inMemory());
        BrokerSettings settings = BrokerSettings.defaults()
                .withTopicDefaults(TopicSettings.partitions(2).withFlush(FlushSettings.EVERY_BATCH));
        try (Broker broker = Broker.open(
                        storage, settings, new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker, 2), "g", MANUAL)) {
            send(broker, T0, 3);
            storage.breakLog(OFFSETS_LOG, Act.FLUSH);
            assertThrows(TidemillException.class, () -> member.commit(Map.of(T0, new OffsetAndMetadata(1))));
            storage.mend();

            // What is in the log all the same was not to be seen; from now on it is.
            assertThrows(OffsetMismatchException.class, () -> member.commit(Map.of(T0, new OffsetAndMetadata(2))));
            assertEquals(1, committed(member, T0));
            member.commit(Map.of(T0, new OffsetAndMetadata(3)));

            assertEquals(3, committed(member, T0));
        }
    }

    /** It would wait for the poll, which may wait for what this thread has to do. */
    @Test
    void aCommitByACallbackWhileTheMemberPollsIsRefused() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        GroupSettings held = MANUAL.withRebalanceListener(new RebalanceListener() {
            @Override
            public void onPartitionsAssigned(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {
                entered.countDown();
                try {
                    released.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        try (Broker broker = manual(Storage.inMemory());
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker, 2), "g", held)) {
            Thread poller = new Thread(() -> member.poll(Duration.ZERO));
            poller.start();
            entered.await();
            CompletableFuture<Void> answer = topic(broker, 2)
                    .send("k", "v")
                    .thenCompose(sent -> member.commitAsync(Map.of(T0, new OffsetAndMetadata(0))));
            try {
                CompletableFuture.runAsync(() -> {
                            while (!answer.isDone()) {
                                broker.doWork();
                            }
                        })
                        .get(10, TimeUnit.SECONDS);
            } finally {
                released.countDown();
                poller.join();
            }

            assertInstanceOf(IllegalStateException.class, causeOf(answer));
        }
    }

    @Test
    void aBrokerThatOnlyReadsSeesThatThereIsNoGroupAlsoAfterItRefusedOne() {
        Path data = directory.resolve("data");
        try (Broker broker = Broker.open(ChronicleLog.at(data))) {
            topic(broker, 2);
        }
        try (Broker reader = Broker.open(ChronicleLog.at(data).readOnly())) {
            assertThrows(ReadOnlyException.class, () -> ConsumerGroup.join(topic(reader, 2), "g"));

            assertEquals(Set.of(), Groups.of(reader).names());
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> withMetadata(int first, int end) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (int partition = first; partition < end; partition++) {
            offsets.put(new TopicPartition("t", partition), new OffsetAndMetadata(0, "x".repeat(4096)));
        }
        return offsets;
    }

    private static Throwable causeOf(CompletableFuture<?> failed) {
        CompletionException e = assertThrows(CompletionException.class, failed::join);
        return Objects.requireNonNull(e.getCause());
    }

    private static long committed(ConsumerGroup<?, ?> member, TopicPartition partition) {
        Map<TopicPartition, OffsetAndMetadata> committed = member.committed(Set.of(partition));
        assertTrue(committed.containsKey(partition), "nothing was committed: partition=" + partition);
        return Objects.requireNonNull(committed.get(partition)).offset();
    }

    private Broker manual(Storage storage) {
        return Broker.open(
                storage, BrokerSettings.defaults(), new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker, int partitions) {
        return broker.topics().contains("t")
                ? broker.topic("t", Serdes.string(), Serdes.string())
                : broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(partitions));
    }

    private static void send(Broker broker, TopicPartition partition, int count) {
        Topic<String, String> topic = topic(broker, 2);
        for (int i = 0; i < count; i++) {
            topic.send(ProducerRecord.<String, String>of(null, "v").toPartition(partition.partition()))
                    .join();
        }
    }
}
