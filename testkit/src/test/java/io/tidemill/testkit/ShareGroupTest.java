package io.tidemill.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.AutoOffsetReset;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.DeadLetterHeaders;
import io.tidemill.Header;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.GroupIdNotFoundException;
import io.tidemill.errors.GroupNotEmptyException;
import io.tidemill.errors.InvalidTopicException;
import io.tidemill.errors.RecordDeserializationException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.errors.WakeupException;
import io.tidemill.groups.AcknowledgeType;
import io.tidemill.groups.AcknowledgementMode;
import io.tidemill.groups.OffsetPlace;
import io.tidemill.groups.ShareGroup;
import io.tidemill.groups.ShareGroupDescription;
import io.tidemill.groups.ShareGroupDescription.SharedProgress;
import io.tidemill.groups.ShareGroupSettings;
import io.tidemill.groups.ShareGroups;
import io.tidemill.groups.SharedRecord;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets which records of a share group, and what becomes of them, in virtual time on one thread. */
class ShareGroupTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LOCK = Duration.ofSeconds(30);
    private static final ShareGroupSettings FEW =
            ShareGroupSettings.defaults().withMaxPollRecords(2).withLockDuration(LOCK);
    private static final ShareGroupSettings EXPLICIT =
            ShareGroupSettings.defaults().withAcknowledgementMode(AcknowledgementMode.EXPLICIT);

    private final ManualClock clock = new ManualClock();
    private final ParkHook parker = new ParkHook(clock);
    private final Broker broker = Broker.open(
            Storage.inMemory(),
            BrokerSettings.defaults(),
            new Seams(clock, parker, new SplittableRandom(1), Threads.manual()));
    private final Topic<String, String> topic =
            broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void membersTakeRecordsOfOnePartitionSideBySide() {
        send(0, 5);
        try (ShareGroup<String, String> a = join(FEW);
                ShareGroup<String, String> b = join(FEW)) {
            assertEquals(List.of("0-0 v0 1", "0-1 v1 1"), poll(a));
            assertEquals(List.of("0-2 v2 1", "0-3 v3 1"), poll(b));
            assertEquals(List.of("0-4 v4 1"), poll(a));
            assertEquals(List.of(), poll(b));
            assertEquals(List.of(), a.commit());

            assertEquals(List.of(), poll(a));
            assertNotEquals(a.memberId(), b.memberId());
            assertEquals("g", a.groupId());
        }
    }

    @Test
    void whatIsReleasedIsAnothersWithADeliveryMore() {
        send(0, 3);
        try (ShareGroup<String, String> a = join();
                ShareGroup<String, String> b = join()) {
            List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
            a.acknowledge(taken.get(1), AcknowledgeType.RELEASE);

            assertEquals(List.of(), a.commit());

            assertEquals(List.of("0-1 v1 2"), poll(b));
        }
    }

    @Test
    void whatIsSaidLastCountsAndIsSaidOfTheLastPollOnly() {
        send(0, 2);
        try (ShareGroup<String, String> a = join();
                ShareGroup<String, String> b = join()) {
            List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
            a.acknowledge(taken.get(0), AcknowledgeType.REJECT);
            a.acknowledge(taken.get(0), AcknowledgeType.RELEASE);
            a.acknowledge(taken.get(1));
            a.commitAsync().join();

            assertThrows(IllegalStateException.class, () -> a.acknowledge(taken.get(0)));
            List<SharedRecord<String, String>> again = b.poll(Duration.ZERO);
            assertEquals(List.of("0-0 v0 2"), show(again));
            assertThrows(IllegalStateException.class, () -> a.acknowledge(again.get(0)));
        }
    }

    @Test
    void explicitModeWantsAWordOnEachRecord() {
        send(0, 3);
        try (ShareGroup<String, String> a = join(EXPLICIT);
                ShareGroup<String, String> b = join()) {
            List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
            a.acknowledge(taken.get(0));
            a.commit();
            a.acknowledge(taken.get(1), AcknowledgeType.RELEASE);
            IllegalStateException unsaid = assertThrows(IllegalStateException.class, () -> a.poll(Duration.ZERO));
            assertTrue(unsaid.getMessage().contains("offset=2"), unsaid.getMessage());
            a.acknowledge(taken.get(2));
            assertEquals(List.of(), poll(b));

            assertEquals(List.of("0-1 v1 2"), poll(a));
        }
        try (ShareGroup<String, String> b = join()) {
            assertEquals(List.of("0-1 v1 3"), poll(b));
        }
    }

    @Test
    void aLockTimesOutAndAZombieHearsOfIt() {
        send(0, 3);
        try (ShareGroup<String, String> zombie = join(FEW);
                ShareGroup<String, String> b = join(FEW)) {
            List<SharedRecord<String, String>> taken = zombie.poll(Duration.ZERO);
            clock.advance(LOCK.minusSeconds(1));
            assertEquals(List.of("0-2 v2 1"), poll(b));
            Duration start = clock.elapsed();

            assertEquals(List.of("0-0 v0 2", "0-1 v1 2"), show(b.poll(DAY)));

            assertEquals(Duration.ofSeconds(1), clock.elapsed().minus(start));
            zombie.acknowledge(taken.get(1), AcknowledgeType.REJECT);
            assertEquals(taken, zombie.commit());
            assertEquals(List.of(), b.commit());
            send(0, 1);
            assertEquals(List.of("0-3 v0 1"), poll(zombie));
            assertEquals(List.of(), zombie.commit());
        }
    }

    @Test
    void whoIsLateButStillHasTheRecordMayAcceptIt() {
        send(0, 1);
        try (ShareGroup<String, String> a = join()) {
            poll(a);
            clock.advance(LOCK.multipliedBy(2));

            assertEquals(List.of(), a.commit());

            assertEquals(List.of(), poll(a));
        }
    }

    @Test
    void aZombiesPollGoesOnWithOtherRecords() {
        send(0, 1);
        try (ShareGroup<String, String> zombie = join();
                ShareGroup<String, String> b = join()) {
            poll(zombie);
            clock.advance(LOCK);
            assertEquals(List.of("0-0 v0 2"), poll(b));
            send(0, 1);

            assertEquals(List.of("0-1 v0 1"), poll(zombie));
        }
    }

    @Test
    void whatAMemberHasWhenItClosesIsAnothersAtOnce() {
        send(0, 3);
        ShareGroup<String, String> a = join();
        try (ShareGroup<String, String> b = join()) {
            List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
            a.acknowledge(taken.get(0));
            Duration start = clock.elapsed();
            parker.beforeNextPark(a::close);

            assertEquals(List.of("0-1 v1 2", "0-2 v2 2"), show(b.poll(DAY)));

            assertEquals(start, clock.elapsed());
            a.close();
            assertThrows(IllegalStateException.class, () -> a.poll(Duration.ZERO));
            assertThrows(IllegalStateException.class, a::commit);
        }
    }

    @Test
    void whoWaitsIsWokenByWhatIsSentReleasedOrFreed() {
        ShareGroupSettings oneAtATime = FEW.withRecordLocksMax(1);
        try (ShareGroup<String, String> a = join(oneAtATime);
                ShareGroup<String, String> b = join(oneAtATime)) {
            Duration start = clock.elapsed();
            parker.beforeNextPark(() -> send(0, 2));
            List<SharedRecord<String, String>> first = a.poll(DAY);
            assertEquals(List.of("0-0 v0 1"), show(first));
            parker.beforeNextPark(() -> {
                a.acknowledge(first.get(0), AcknowledgeType.RELEASE);
                a.commit();
            });
            assertEquals(List.of("0-0 v0 2"), show(b.poll(DAY)));

            parker.beforeNextPark(b::commit);

            assertEquals(List.of("0-1 v1 1"), show(a.poll(DAY)));
            assertEquals(start, clock.elapsed());
        }
    }

    @Test
    void pollIsOverAfterItsTimeOrAWakeup() {
        try (ShareGroup<String, String> a = join()) {
            Duration start = clock.elapsed();
            assertEquals(List.of(), a.poll(Duration.ofSeconds(7)));
            assertEquals(Duration.ofSeconds(7), clock.elapsed().minus(start));

            parker.beforeNextPark(a::wakeup);
            assertThrows(WakeupException.class, () -> a.poll(DAY));
            a.wakeup();
            assertThrows(WakeupException.class, () -> a.poll(Duration.ZERO));
            Thread.currentThread().interrupt();
            assertEquals(List.of(), a.poll(DAY));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void rejectedRecordsAndThoseDeliveredTooOftenGoToTheDeadLetters() {
        Topic<String, String> dead =
                broker.topic("dead", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
        topic.send(ProducerRecord.of("k0", "rejected").at(123).withHeader("h", new byte[] {1}))
                .join();
        topic.send(null, "slow").join();
        topic.send("k2", "fine").join();
        ShareGroupSettings settings =
                FEW.withMaxPollRecords(10).withDeliveryCountLimit(2).withDeadLetterTopic("dead");
        try (ShareGroup<String, String> a = join(settings)) {
            List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
            a.acknowledge(taken.get(0), AcknowledgeType.REJECT);
            a.acknowledge(taken.get(1), AcknowledgeType.RELEASE);
            a.commit();
            assertEquals(1, TopicContent.of(dead).size());
            assertEquals(List.of("0-1 slow 2"), poll(a));

            try (ShareGroup<String, String> b = join(settings)) {
                assertEquals(List.of(), b.poll(LOCK));
                assertEquals(List.of(), poll(b));
            }
        }

        List<ConsumerRecord<String, String>> letters = TopicContent.of(dead);
        assertEquals(
                List.of("rejected", "slow"),
                letters.stream().map(ConsumerRecord::value).toList());
        assertEquals("k0", letters.get(0).key());
        assertEquals(new Header("h", new byte[] {1}), letters.get(0).headers().get(0));
        assertEquals("t", header(letters.get(0), DeadLetterHeaders.TOPIC));
        assertEquals("0", header(letters.get(0), DeadLetterHeaders.PARTITION));
        assertEquals("0", header(letters.get(0), DeadLetterHeaders.OFFSET));
        assertEquals("123", header(letters.get(0), DeadLetterHeaders.TIMESTAMP));
        assertEquals(
                "given up by a share group: group=g, reason=REJECTED, deliveryCount=1",
                header(letters.get(0), DeadLetterHeaders.MESSAGE));
        assertEquals("1", header(letters.get(1), DeadLetterHeaders.OFFSET));
        assertEquals(
                "given up by a share group: group=g, reason=DELIVERY_COUNT_LIMIT, deliveryCount=2",
                header(letters.get(1), DeadLetterHeaders.MESSAGE));
    }

    @Test
    void theGroupGoesOnWhileDeadLettersCannotBeCopied() {
        broker.createTopic("dead", TopicSettings.partitions(1));
        send(0, 2);
        ShareGroupSettings settings = FEW.withMaxPollRecords(1).withDeadLetterTopic("dead");
        try (ShareGroup<String, String> a = join(settings)) {
            a.acknowledge(a.poll(Duration.ZERO).get(0), AcknowledgeType.REJECT);
            broker.deleteTopic("dead");
            a.commit();
            assertEquals(List.of("0-1 v1 1"), poll(a));
            Topic<String, String> dead =
                    broker.topic("dead", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            assertEquals(List.of(), TopicContent.of(dead));

            assertEquals(List.of(), a.poll(Duration.ofSeconds(2)));

            assertEquals(1, TopicContent.of(dead).size());
        }
    }

    @Test
    void withoutATopicForThemDeadLettersAreGone() {
        send(0, 2);
        try (ShareGroup<String, String> a = join()) {
            a.poll(Duration.ZERO).forEach(record -> a.acknowledge(record, AcknowledgeType.REJECT));
            assertEquals(List.of(), poll(a));
            clock.advance(LOCK);
            assertEquals(List.of(), poll(a));
        }
    }

    @Test
    void everyPartitionIsTakenFromAlsoThoseThatComeLater() {
        broker.alterTopic("t", now -> now.withPartitions(2));
        send(0, 4);
        send(1, 4);
        ShareGroupSettings latest = FEW.withAutoOffsetReset(AutoOffsetReset.latest());
        try (ShareGroup<String, String> a = join(FEW);
                ShareGroup<String, String> late = ShareGroup.join(topic, "late", latest)) {
            Set<String> partitions = new TreeSet<>();
            for (int i = 0; i < 2; i++) {
                a.poll(Duration.ZERO)
                        .forEach(record ->
                                partitions.add("" + record.topicPartition().partition()));
            }
            assertEquals(Set.of("0", "1"), partitions);

            parker.beforeNextPark(() -> {
                broker.alterTopic("t", now -> now.withPartitions(3));
                send(2, 1);
            });

            assertEquals(List.of("2-0 v0 1"), show(late.poll(DAY)));
        }
    }

    @Test
    void aGroupBeginsWhereItIsToldAndGoesOnWhereItWas() {
        send(0, 2);
        ShareGroupSettings latest = FEW.withAutoOffsetReset(AutoOffsetReset.latest());
        try (ShareGroup<String, String> a = join(latest)) {
            send(0, 1);
            assertEquals(List.of("0-2 v0 1"), poll(a));
            a.commit();
        }
        clock.advance(Duration.ofHours(2));
        send(0, 1);
        ShareGroupSettings lastHour = FEW.withAutoOffsetReset(AutoOffsetReset.byDuration(Duration.ofHours(1)));
        try (ShareGroup<String, String> a = join(FEW);
                ShareGroup<String, String> other = ShareGroup.join(topic, "other", lastHour)) {
            assertEquals(List.of("0-3 v0 1"), poll(a));
            assertEquals(List.of("0-3 v0 1"), poll(other));
        }
    }

    @Test
    void aTopicThatIsDeletedIsSharedNoMoreAndAgainWhenThereIsOneOfThatName() {
        send(0, 3);
        try (ShareGroup<String, String> a = join()) {
            List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
            broker.deleteTopic("t");
            a.acknowledge(taken.get(0));
            assertEquals(List.of(), a.poll(Duration.ofSeconds(1)));
            Topic<String, String> again =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            again.send(null, "new").join();

            List<SharedRecord<String, String>> first = a.poll(Duration.ZERO);
            assertEquals(List.of("0-0 new 1"), show(first));

            // Both between two polls: what is said of the one does not count for the other.
            broker.deleteTopic("t");
            broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1))
                    .send(null, "newer")
                    .join();
            try (ShareGroup<String, String> b = join()) {
                assertEquals(List.of("0-0 newer 1"), poll(b));
                assertEquals(first, a.commit());
            }
            assertEquals(List.of("0-0 newer 2"), poll(a));
        }
    }

    @Test
    void recordsThatRetentionTookAreNoMore() {
        broker.alterTopic("t", now -> now.withRetention(Duration.ofHours(1)).withSegmentAge(Duration.ofMinutes(1)));
        send(0, 4);
        try (ShareGroup<String, String> a = join(FEW)) {
            poll(a);
            clock.advance(Duration.ofHours(2));
            send(0, 1);
            clock.advance(Duration.ofMinutes(5));
            broker.doWork();
            assertEquals(4, broker.describeTopic("t").partitions().get(0).startOffset());

            assertEquals(List.of("0-4 v0 1"), poll(a));
            assertEquals(List.of(), a.commit());
        }
    }

    @Test
    void offsetsThatCompactionEmptiedHoldUpNothing() {
        TopicSettings compacted = TopicSettings.partitions(1)
                .withSegmentBytes(16 << 10)
                .withCleanup(new CleanupSettings(CleanupPolicy.COMPACT, 0.01, 0, DAY.toMillis()));
        Topic<String, String> thin = broker.topic("thin", Serdes.string(), Serdes.string(), compacted);
        for (int i = 0; i < 3_000; i++) {
            thin.send("key-" + i % 7, "value " + i).join();
        }
        clock.advance(Duration.ofMinutes(5));
        broker.doWork();
        List<ConsumerRecord<String, String>> left = TopicContent.of(thin);
        assertTrue(left.size() < 1_500, "left=" + left.size());
        List<Long> offsets = new ArrayList<>();
        try (ShareGroup<String, String> a = ShareGroup.join(thin, "g", FEW.withMaxPollRecords(100))) {
            for (List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
                    !taken.isEmpty();
                    taken = a.poll(Duration.ZERO)) {
                taken.forEach(record -> offsets.add(record.offset()));
            }
            assertEquals(List.of(), a.commit());
        }

        assertEquals(left.stream().map(ConsumerRecord::offset).toList(), offsets);
    }

    @Test
    void aRecordThatItsDeserializerRefusesIsToldAndComesToTheDeadLettersInTheEnd() {
        Topic<byte[], byte[]> dead = broker.topic("dead", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
        Topic<String, Integer> numbers = broker.topic("t", Serdes.string(), Serdes.integer());
        numbers.send(null, 1).join();
        send(0, 1);
        numbers.send(null, 3).join();
        ShareGroupSettings settings =
                FEW.withMaxPollRecords(3).withDeliveryCountLimit(2).withDeadLetterTopic("dead");
        try (ShareGroup<String, Integer> a = ShareGroup.join(numbers, "g", settings)) {
            List<Integer> values = new ArrayList<>();
            a.poll(Duration.ZERO).forEach(record -> values.add(record.value()));
            assertEquals(List.of(1, 3), values);

            RecordDeserializationException first =
                    assertThrows(RecordDeserializationException.class, () -> a.poll(Duration.ZERO));
            RecordDeserializationException second =
                    assertThrows(RecordDeserializationException.class, () -> a.poll(Duration.ZERO));

            assertEquals(1, first.offset());
            assertEquals(1, second.offset());
            assertEquals(List.of(), a.poll(Duration.ZERO));
        }
        assertEquals(1, TopicContent.of(dead).size());
    }

    @Test
    void settingsOfTheMemberThatJoinedLastCount() {
        send(0, 1);
        try (ShareGroup<String, String> a = join(FEW.withDeliveryCountLimit(5))) {
            a.acknowledge(a.poll(Duration.ZERO).get(0), AcknowledgeType.RELEASE);
            a.commit();
            try (ShareGroup<String, String> b = join(FEW.withDeliveryCountLimit(1))) {
                assertEquals(List.of(), poll(b));
            }
        }
    }

    @Test
    void groupsAreSeenResetAndDeletedFromOutside() {
        broker.createTopic("dead", TopicSettings.partitions(1));
        send(0, 10);
        TopicPartition t0 = new TopicPartition("t", 0);
        ShareGroups groups = ShareGroups.of(broker);
        assertEquals(Set.of(), groups.names());
        try (ShareGroup<String, String> a = join(FEW.withMaxPollRecords(6).withDeadLetterTopic("dead"))) {
            List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
            a.acknowledge(taken.get(1), AcknowledgeType.RELEASE);
            a.acknowledge(taken.get(0));
            a.acknowledge(taken.get(2), AcknowledgeType.REJECT);
            broker.deleteTopic("dead");
            a.commit();
            send(0, 1);
            assertEquals(6, a.poll(Duration.ZERO).size());

            ShareGroupDescription group = groups.describe("g");

            assertEquals(Set.of("g"), groups.names());
            assertEquals(Set.of(a.memberId()), group.members());
            assertEquals(Map.of(t0, new SharedProgress(1, 11, 11, 6, 0, 1)), group.progress());
            assertEquals(7, group.lag());
            assertThrows(GroupNotEmptyException.class, () -> groups.delete("g"));
            assertThrows(GroupNotEmptyException.class, () -> groups.reset("g", Set.of(t0), OffsetPlace.earliest()));
        }
        assertEquals(Map.of(t0, 4L), groups.reset("g", Set.of(t0), OffsetPlace.shiftBy(3)));
        assertThrows(
                UnknownTopicOrPartitionException.class,
                () -> groups.reset("g", Set.of(new TopicPartition("u", 0)), OffsetPlace.earliest()));
        assertEquals(
                new SharedProgress(4, 4, 11, 0, 0, 0),
                groups.describe("g").progress().get(t0));
        groups.reset("new", Set.of(t0), OffsetPlace.latest());
        try (ShareGroup<String, String> a = join();
                ShareGroup<String, String> b = ShareGroup.join(topic, "new")) {
            assertEquals("0-4 v4 1", poll(a).get(0));
            assertEquals(List.of(), poll(b));
        }
        groups.delete("g");
        assertEquals(Set.of("new"), groups.names());
        assertThrows(GroupIdNotFoundException.class, () -> groups.delete("g"));
        assertThrows(GroupIdNotFoundException.class, () -> groups.describe("g"));
    }

    @Test
    void aMemberWhoseThreadEndedHoldsUpNobodyForLongerThanItsLocksLast() throws InterruptedException {
        send(0, 1);
        Thread thread = new Thread(() -> join().poll(Duration.ZERO));
        thread.start();
        thread.join();
        try (ShareGroup<String, String> b = join()) {
            Duration start = clock.elapsed();

            assertEquals(List.of("0-0 v0 2"), show(b.poll(DAY)));

            assertEquals(LOCK, clock.elapsed().minus(start));
            assertEquals(
                    Set.of(b.memberId()), ShareGroups.of(broker).describe("g").members());
        }
    }

    @Test
    void refusesBadInput() {
        ShareGroupSettings defaults = ShareGroupSettings.defaults();
        assertThrows(IllegalArgumentException.class, () -> ShareGroup.join(topic, ""));
        assertThrows(IllegalArgumentException.class, () -> defaults.withMaxPollRecords(0));
        assertThrows(IllegalArgumentException.class, () -> defaults.withDeliveryCountLimit(0));
        assertThrows(IllegalArgumentException.class, () -> defaults.withRecordLocksMax(10_001));
        assertThrows(IllegalArgumentException.class, () -> defaults.withLockDuration(Duration.ZERO));
        assertThrows(
                IllegalArgumentException.class, () -> defaults.withLockDuration(Duration.ofSeconds(Long.MAX_VALUE)));
        assertThrows(IllegalArgumentException.class, () -> defaults.withAutoOffsetReset(AutoOffsetReset.none()));
        assertThrows(IllegalArgumentException.class, () -> defaults.withDeadLetterTopic(""));
        assertThrows(IllegalArgumentException.class, () -> join(defaults.withDeadLetterTopic("t")));
        assertThrows(UnknownTopicOrPartitionException.class, () -> join(defaults.withDeadLetterTopic("dead")));
        assertThrows(InvalidTopicException.class, () -> join(defaults.withDeadLetterTopic("__consumer_offsets")));
        join().close();
        Topic<String, String> internal = broker.topic("__share_group_state", Serdes.string(), Serdes.string());
        assertThrows(InvalidTopicException.class, () -> internal.send("k", "v"));
    }

    private ShareGroup<String, String> join() {
        return join(ShareGroupSettings.defaults());
    }

    private ShareGroup<String, String> join(ShareGroupSettings settings) {
        return ShareGroup.join(topic, "g", settings);
    }

    private void send(int partition, int count) {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sent.add(topic.send(ProducerRecord.<String, String>of(null, "v" + i).toPartition(partition)));
        }
        sent.forEach(CompletableFuture::join);
    }

    private static List<String> poll(ShareGroup<String, String> member) {
        return show(member.poll(Duration.ZERO));
    }

    private static List<String> show(List<SharedRecord<String, String>> records) {
        return records.stream()
                .map(record -> record.topicPartition().partition() + "-" + record.offset() + " " + record.value() + " "
                        + record.deliveryCount())
                .toList();
    }

    private static String header(ConsumerRecord<String, String> record, String key) {
        for (Header header : record.headers()) {
            if (header.key().equals(key) && header.value() != null) {
                return new String(header.value(), UTF_8);
            }
        }
        throw new AssertionError("no header: key=" + key + ", headers=" + record.headers());
    }
}
