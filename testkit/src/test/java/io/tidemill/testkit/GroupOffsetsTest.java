package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.AutoOffsetReset;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.CommitFailedException;
import io.tidemill.errors.InvalidTopicException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupDescription;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetAndMetadata;
import io.tidemill.log.ChronicleLog;
import io.tidemill.runtime.ChildProcess;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** G04, C03: how far a group has read is kept, and nobody else can say it. */
class GroupOffsetsTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);
    private static final GroupSettings MANUAL = GroupSettings.defaults().withCommits(CommitPolicy.manual());
    private static final int WRITES_MAX = 100;

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void whatWasCommittedIsWhereTheGroupGoesOnAfterARestart(Engine engine) {
        Storage storage = engine.storage(directory);
        try (Broker broker = Broker.open(storage);
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
            send(broker, 0, 5);
            send(broker, 1, 5);
            assertEquals(10, poll(member).size());
            member.commit(Map.of(T0, new OffsetAndMetadata(3, "so far")));
            member.commitAsync(Map.of(T1, new OffsetAndMetadata(5))).join();
        }
        try (Broker broker = Broker.open(storage);
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
            assertEquals(
                    Map.of(T0, new OffsetAndMetadata(3, "so far"), T1, new OffsetAndMetadata(5)),
                    member.committed(Set.of(T0, T1)));
            assertEquals(Map.of(T0, 2L, T1, 0L), member.lag());
            assertEquals(3, member.position(T0));
            assertEquals(List.of("0-3", "0-4"), poll(member));
            member.commit();
            assertEquals(Map.of(T0, 0L, T1, 0L), member.lag());
        }
    }

    @Test
    void whatAPollReturnedIsCommittedByTheNextOneWhenItIsTime() {
        GroupSettings settings = GroupSettings.defaults().withCommits(CommitPolicy.automatic(Duration.ofSeconds(5)));
        try (Broker broker = manual(Storage.inMemory());
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", settings)) {
            send(broker, 0, 3);
            assertEquals(3, poll(member).size());
            clock.advance(Duration.ofSeconds(4));
            assertEquals(0, poll(member).size());
            assertEquals(Map.of(), member.committed(Set.of(T0)));

            clock.advance(Duration.ofSeconds(1));
            send(broker, 0, 2);
            assertEquals(2, poll(member).size());

            // What that poll returned is read when the next one is called.
            assertEquals(Map.of(T0, new OffsetAndMetadata(3)), member.committed(Set.of(T0)));
        }
    }

    @Test
    void aMemberThatClosesCommitsWhatItHasReadIfThatIsAutomatic() {
        try (Broker broker = manual(Storage.inMemory())) {
            send(broker, 0, 3);
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "by itself")) {
                assertEquals(3, poll(member).size());
            }
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "by hand", MANUAL)) {
                assertEquals(3, poll(member).size());
            }

            Groups groups = Groups.of(broker);

            assertEquals(0, groups.describe("by itself").lag());
            assertEquals(Map.of(), groups.describe("by hand").progress());
        }
    }

    @Test
    void refusesWhatIsNotTheMembersToCommit() {
        try (Broker broker = manual(Storage.inMemory());
                ConsumerGroup<String, String> a = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
            send(broker, 0, 2);
            a.poll(Duration.ZERO);
            assertThrows(OffsetOutOfRangeException.class, () -> a.commit(Map.of(T0, new OffsetAndMetadata(3))));
            assertThrows(
                    UnknownTopicOrPartitionException.class,
                    () -> a.commit(Map.of(new TopicPartition("u", 0), new OffsetAndMetadata(0))));
            assertThrows(
                    UnknownTopicOrPartitionException.class,
                    () -> a.commit(Map.of(new TopicPartition("t", 2), new OffsetAndMetadata(0))));
            assertThrows(IllegalArgumentException.class, () -> new OffsetAndMetadata(-1));
            try (ConsumerGroup<String, String> b = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
                for (int i = 0; i < 3; i++) {
                    a.poll(Duration.ZERO);
                    b.poll(Duration.ZERO);
                }
                TopicPartition ofB = b.assignment().iterator().next();
                TopicPartition ofA = a.assignment().iterator().next();

                assertThrows(
                        CommitFailedException.class,
                        () -> a.commit(Map.of(ofA, new OffsetAndMetadata(0), ofB, new OffsetAndMetadata(0))));

                assertEquals(Map.of(), a.committed(Set.of(T0, T1)));
                a.commit(Map.of(ofA, new OffsetAndMetadata(0)));
                assertEquals(Map.of(ofA, new OffsetAndMetadata(0)), b.committed(Set.of(T0, T1)));
            }
        }
    }

    @Test
    void nobodyElseWritesWhereOffsetsAreKept() {
        try (Broker broker = Broker.inMemory();
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g")) {
            String internal = "__consumer_offsets";
            Topic<String, String> seen = broker.topic(internal, Serdes.string(), Serdes.string());

            assertThrows(InvalidTopicException.class, () -> seen.send("k", "v"));
            assertThrows(InvalidTopicException.class, () -> broker.deleteTopic(internal));
            assertThrows(InvalidTopicException.class, () -> broker.createTopic(internal, TopicSettings.partitions(1)));
            assertThrows(InvalidTopicException.class, () -> broker.alterTopic(internal, now -> now.withPartitions(2)));
            broker.alterTopic(internal, now -> now.withSegmentBytes(1 << 20));
            assertEquals(Set.of("t"), broker.topics());
            assertEquals(2, member.assignment().size());
        }
    }

    @Test
    void aCommitBelowTheStartOfTheLogIsReset() {
        try (Broker broker = manual(Storage.inMemory())) {
            broker.createTopic(
                    "t",
                    TopicSettings.partitions(2)
                            .withRetention(Duration.ofHours(1))
                            .withSegmentAge(Duration.ofMinutes(1)));
            Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string());
            send(broker, 0, 5);
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic, "g", MANUAL)) {
                member.poll(Duration.ZERO);
                member.commit(Map.of(T0, new OffsetAndMetadata(2)));
            }
            clock.advance(Duration.ofHours(2));
            send(broker, 0, 1);
            clock.advance(Duration.ofMinutes(5));
            broker.doWork();
            assertEquals(5, broker.describeTopic("t").partitions().get(0).startOffset());

            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic, "g", MANUAL)) {
                assertEquals(List.of("0-5"), poll(member));
            }
            GroupSettings none = MANUAL.withAutoOffsetReset(AutoOffsetReset.none());
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic, "g", none)) {
                assertThrows(OffsetOutOfRangeException.class, () -> member.poll(Duration.ZERO));
                member.seekToBeginning();
                assertEquals(List.of("0-5"), poll(member));
            }
        }
    }

    @Test
    void whatNobodyWantsForAWeekIsForgotten() {
        try (Broker broker = manual(Storage.inMemory())) {
            send(broker, 0, 3);
            Groups groups = Groups.of(broker);
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g")) {
                poll(member);
                clock.advance(Duration.ofDays(8));
                poll(member);
                member.commit();
            }
            clock.advance(Duration.ofDays(7).minusSeconds(1));
            assertEquals(Set.of("g"), groups.names());

            clock.advance(Duration.ofMinutes(10));

            assertEquals(Set.of(), groups.names());
        }
    }

    @Test
    void offsetsOutliveTheCompactionOfTheirTopic() {
        Storage storage = ChronicleLog.at(directory.resolve("data"));
        try (Broker broker = Broker.open(storage)) {
            send(broker, 0, 1_000);
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
                broker.alterTopic(
                        "__consumer_offsets",
                        now -> now.withSegmentBytes(16 << 10).with("min.cleanable.dirty.ratio", "0.01"));
                assertEquals(1_000, poll(member).size());
                for (int offset = 1; offset <= 1_000; offset++) {
                    member.commit(Map.of(T0, new OffsetAndMetadata(offset, "x".repeat(100))));
                }
            }
        }
        for (int i = 0; i < 2; i++) {
            try (Broker broker = Broker.open(storage);
                    ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
                assertEquals(1_000, member.position(T0));
                member.commit();
            }
        }
    }

    @Test
    void membersOfABrokerThatEndedAreNoneAndStaticOnesAreExpectedBack() {
        Storage storage = Storage.inMemory();
        Broker first = manual(storage);
        send(first, 0, 1);
        ConsumerGroup.join(topic(first), "g", MANUAL).poll(Duration.ZERO);
        ConsumerGroup.join(topic(first), "g", MANUAL.withInstanceId("i")).poll(Duration.ZERO);
        first.close();
        try (Broker broker = manual(storage)) {
            GroupDescription group = Groups.of(broker).describe("g");
            assertEquals(1, group.members().size());
            assertTrue(group.members().get(0).isAway());
            try (ConsumerGroup<String, String> back =
                    ConsumerGroup.join(topic(broker), "g", MANUAL.withInstanceId("i"))) {
                assertEquals(2, back.assignment().size());
            }
        }
    }

    /** Whatever write of it fails, it is told, nothing that was told is lost, and the group goes on. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void survivesAFailureOfEveryWrite(Engine engine) {
        int failingWrite = 0;
        boolean isReached = true;
        while (isReached) {
            Storage storage = engine.storage(directory.resolve("" + failingWrite));
            try (Broker broker = manual(storage)) {
                send(broker, 0, 10);
            }
            FaultyStorage faulty = new FaultyStorage(storage, failingWrite);
            List<RuntimeException> failures = new ArrayList<>();
            long told = 0;
            try (Broker broker = manual(faulty)) {
                told = liveInAGroup(broker, failures);
            } catch (RuntimeException e) {
                failures.add(e);
            }
            isReached = faulty.hasFailed();
            String run = "failingWrite=" + failingWrite + ", failures=" + failures;
            assertEquals(isReached, !failures.isEmpty(), run);
            failures.forEach(failure -> assertInstanceOf(StorageException.class, failure, run));
            try (Broker broker = manual(storage);
                    ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
                OffsetAndMetadata committed = member.committed(Set.of(T0)).get(T0);
                assertTrue((committed == null ? 0 : committed.offset()) >= told, run + ", told=" + told);
                assertEquals(2, member.assignment().size(), run);
            }
            failingWrite++;
            assertTrue(failingWrite < WRITES_MAX, run);
        }
        assertTrue(failingWrite > 10, "only " + failingWrite + " writes were seen");
    }

    /** Tries again whatever fails; answers how far it was told that is committed. */
    private long liveInAGroup(Broker broker, List<RuntimeException> failures) {
        Topic<String, String> topic = again(failures, () -> topic(broker));
        ConsumerGroup<String, String> a = again(failures, () -> ConsumerGroup.join(topic, "g", MANUAL));
        again(failures, () -> a.poll(Duration.ZERO));
        long[] told = {0};
        for (int i = 1; i <= 3; i++) {
            long offset = i;
            again(failures, () -> {
                a.poll(Duration.ZERO);
                a.commit(Map.of(T0, new OffsetAndMetadata(offset)));
                told[0] = offset;
                return true;
            });
        }
        ConsumerGroup<String, String> b = again(failures, () -> ConsumerGroup.join(topic, "g", MANUAL));
        for (int i = 0; i < 3; i++) {
            again(failures, () -> a.poll(Duration.ZERO));
            again(failures, () -> b.poll(Duration.ZERO));
        }
        assertEquals(1, a.assignment().size());
        assertEquals(1, b.assignment().size());
        again(failures, () -> {
            a.leave();
            return true;
        });
        again(failures, () -> b.poll(Duration.ZERO));
        again(failures, () -> b.poll(Duration.ZERO));
        assertEquals(2, b.assignment().size());
        b.close();
        return told[0];
    }

    private interface Attempt<T> {
        T run();
    }

    private static <T> T again(List<RuntimeException> failures, Attempt<T> attempt) {
        try {
            return attempt.run();
        } catch (StorageException e) {
            failures.add(e);
            return attempt.run();
        }
    }

    /** After kill -9 the group resumes at its last acknowledged commit. */
    @Test
    void goesOnAtTheLastAcknowledgedCommitWhenTheProcessIsKilled() throws IOException {
        Path data = directory.resolve("data");
        try (Broker broker = Broker.open(ChronicleLog.at(data))) {
            send(broker, 0, 10_000);
        }
        long acknowledged = 0;
        for (int round = 0; round < 3; round++) {
            try (ChildProcess child = ChildProcess.start(CommittingRun.class, List.of(), data)) {
                long until = acknowledged + 200 + 37L * round;
                while (acknowledged < until) {
                    acknowledged = Long.parseLong(Objects.requireNonNull(child.readLine()));
                }
                child.kill();
                for (String line = child.readLine(); line != null && !line.isEmpty(); line = child.readLine()) {
                    acknowledged = Long.parseLong(line);
                }
            }
            try (Broker broker = Broker.open(ChronicleLog.at(data))) {
                long committed = Objects.requireNonNull(Groups.of(broker)
                                .describe("g")
                                .progress()
                                .get(T0)
                                .committed())
                        .offset();
                assertTrue(
                        committed == acknowledged || committed == acknowledged + 1,
                        "committed=" + committed + ", acknowledged=" + acknowledged);
                acknowledged = committed;
            }
        }
    }

    private Broker manual(Storage storage) {
        return Broker.open(
                storage, BrokerSettings.defaults(), new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker) {
        return broker.topics().contains("t")
                ? broker.topic("t", Serdes.string(), Serdes.string())
                : broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(2));
    }

    private static void send(Broker broker, int partition, int count) {
        Topic<String, String> topic = topic(broker);
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sent.add(topic.send(ProducerRecord.<String, String>of(null, "v").toPartition(partition)));
        }
        sent.forEach(CompletableFuture::join);
    }

    private static List<String> poll(ConsumerGroup<String, String> member) {
        List<String> read = new ArrayList<>();
        List<ConsumerRecord<String, String>> records = member.poll(Duration.ZERO);
        while (!records.isEmpty()) {
            records.forEach(record -> read.add(record.partition() + "-" + record.offset()));
            records = member.poll(Duration.ZERO);
        }
        return read;
    }
}
