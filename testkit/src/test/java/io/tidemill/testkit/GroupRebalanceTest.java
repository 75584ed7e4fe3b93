package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.CommitFailedException;
import io.tidemill.errors.UnreleasedInstanceIdException;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.RebalanceListener;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** G02: who reads what when members come, go, fall silent and come back, in virtual time on one thread. */
class GroupRebalanceTest {
    private static final Duration SESSION = Duration.ofSeconds(10);
    private static final Duration POLL_INTERVAL = Duration.ofMinutes(1);

    private final ManualClock clock = new ManualClock();
    private final ParkHook parker = new ParkHook(clock);
    private final Broker broker = Broker.open(
            Storage.inMemory(),
            BrokerSettings.defaults(),
            new Seams(clock, parker, new SplittableRandom(1), Threads.manual()));
    private final Topic<String, String> topic =
            broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(4));
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    @Test
    void aGroupOfOneReadsEverything() {
        try (ConsumerGroup<String, String> a = join("a")) {
            assertEquals(partitions(0, 1, 2, 3), a.assignment());
            sendToAll("v");

            assertEquals(Set.of("0 v", "1 v", "2 v", "3 v"), pollAll(a));
        }
    }

    @Test
    void whatWasSentAfterJoiningIsReadWhereverTheGroupBegins() {
        sendToAll("before");
        GroupSettings latest = settings("a").withAutoOffsetReset(io.tidemill.AutoOffsetReset.latest());
        try (ConsumerGroup<String, String> a = ConsumerGroup.join(topic, "g", latest)) {
            sendToAll("after");

            assertEquals(Set.of("0 after", "1 after", "2 after", "3 after"), pollAll(a));
        }
    }

    @Test
    void onlyWhatMovesIsRevokedAndNobodyHasItMeanwhile() {
        try (ConsumerGroup<String, String> a = join("a")) {
            a.poll(Duration.ZERO);
            assertEquals(List.of("a+[0, 1, 2, 3]"), told);

            try (ConsumerGroup<String, String> b = join("b")) {
                b.poll(Duration.ZERO);
                assertEquals(Set.of(), b.assignment());
                a.poll(Duration.ZERO);
                assertEquals(2, a.assignment().size());
                b.poll(Duration.ZERO);

                Set<TopicPartition> all = new HashSet<>(a.assignment());
                all.addAll(b.assignment());
                assertEquals(partitions(0, 1, 2, 3), all);
                assertEquals(List.of("a+[0, 1, 2, 3]", "a-[2, 3]", "b+[2, 3]"), told);
            }
            a.poll(Duration.ZERO);
            assertEquals(partitions(0, 1, 2, 3), a.assignment());
            assertEquals(List.of("a+[0, 1, 2, 3]", "a-[2, 3]", "b+[2, 3]", "b-[2, 3]", "a+[2, 3]"), told);
        }
    }

    @Test
    void theNextOwnerGoesOnWhereTheLastOneWas() {
        sendToAll("1");
        try (ConsumerGroup<String, String> a = join("a")) {
            assertEquals(4, pollAll(a).size());
            try (ConsumerGroup<String, String> b = join("b")) {
                a.poll(Duration.ZERO);
                sendToAll("2");
                assertEquals(Set.of("2 2", "3 2"), pollAll(b));
                assertEquals(Set.of("0 2", "1 2"), pollAll(a));
            }
        }
    }

    @Test
    void aMemberWhoseThreadEndedIsMissedWhenItsSessionIsOver() throws InterruptedException {
        List<ConsumerGroup<String, String>> dead = new ArrayList<>();
        Thread thread = new Thread(() -> {
            ConsumerGroup<String, String> a = join("a");
            a.poll(Duration.ZERO);
            dead.add(a);
        });
        thread.start();
        thread.join();
        try (ConsumerGroup<String, String> b = join("b")) {
            Duration start = clock.elapsed();
            parker.beforeNextPark(() -> {});
            topic.send(ProducerRecord.<String, String>of(null, "v").toPartition(0))
                    .join();

            List<ConsumerRecord<String, String>> records = b.poll(Duration.ofDays(1));

            assertEquals(1, records.size());
            assertEquals(SESSION, clock.elapsed().minus(start));
            assertEquals(partitions(0, 1, 2, 3), b.assignment());
        }
    }

    @Test
    void aMemberThatDoesNotPollIsOutAndComesBackAsANewOne() {
        try (ConsumerGroup<String, String> a = join("a", CommitPolicy.manual());
                ConsumerGroup<String, String> b = join("b", CommitPolicy.manual())) {
            settle(a, b);
            sendToAll("v");
            assertEquals(2, pollAll(a).size());
            clock.advance(POLL_INTERVAL);
            settle(b);
            assertEquals(partitions(0, 1, 2, 3), b.assignment());

            CommitFailedException fenced = assertThrows(CommitFailedException.class, a::commit);

            assertTrue(fenced.getMessage().contains("max.poll.interval.ms"), fenced.getMessage());
            assertEquals(4, pollAll(b).size());
            told.clear();
            settle(a, b);
            assertEquals(2, a.assignment().size());
            assertEquals("a!", told.get(0).substring(0, 2));
        }
    }

    @Test
    void aWaitingMemberTakesOverAtOnceWhenAnotherLeaves() {
        ConsumerGroup<String, String> a = join("a");
        try (ConsumerGroup<String, String> b = join("b")) {
            settle(a, b);
            sendToAll("v");
            assertEquals(2, pollAll(b).size());
            Duration start = clock.elapsed();
            parker.beforeNextPark(a::close);

            assertEquals(2, b.poll(Duration.ofDays(1)).size());

            assertEquals(start, clock.elapsed());
        }
    }

    @Test
    void aStaticMemberIsExpectedBackWithoutARebalance() {
        sendToAll("1");
        ConsumerGroup<String, String> b = join("b");
        try (ConsumerGroup<String, String> a = joinAs("i")) {
            settle(a, b);
        }
        assertEquals(2, pollAll(b).size());
        told.clear();
        try (ConsumerGroup<String, String> again = joinAs("i")) {
            settle(again, b);
            assertEquals(2, again.assignment().size());
            assertEquals(2, b.assignment().size());
            assertEquals(1, told.size(), told.toString());
            assertThrows(UnreleasedInstanceIdException.class, () -> joinAs("i"));
        }
        b.poll(SESSION);
        b.poll(Duration.ZERO);
        assertEquals(partitions(0, 1, 2, 3), b.assignment());
        b.close();
    }

    @Test
    void aStaticMemberThatLeavesIsNotExpected() {
        ConsumerGroup<String, String> a = joinAs("i");
        try (ConsumerGroup<String, String> b = join("b")) {
            settle(a, b);

            a.leave();

            settle(b);
            assertEquals(partitions(0, 1, 2, 3), b.assignment());
        }
    }

    @Test
    void newPartitionsAndTopicsOfAPatternAreRead() {
        try (ConsumerGroup<String, String> a =
                ConsumerGroup.of(broker, "g", Serdes.string(), Serdes.string(), settings("a"))) {
            a.subscribe(Pattern.compile("t.*"));
            assertEquals(Set.of("t"), a.subscription());
            Topic<String, String> more =
                    broker.topic("t2", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            broker.alterTopic("t", now -> now.withPartitions(5));
            more.send("k", "new").join();
            topic.send(ProducerRecord.<String, String>of(null, "grown").toPartition(4))
                    .join();

            assertEquals(Set.of("0 new", "4 grown"), pollAll(a));
            assertEquals(Set.of("t", "t2"), a.subscription());
            assertEquals(6, a.assignment().size());
        }
    }

    @Test
    void aTopicThatIsDeletedIsReadNoMoreAndReadAgainWhenThereIsOneOfThatName() {
        try (ConsumerGroup<String, String> a = join("a")) {
            sendToAll("1");
            assertEquals(4, pollAll(a).size());
            a.commit();

            broker.deleteTopic("t");
            assertEquals(List.of(), a.poll(Duration.ofSeconds(1)));
            assertEquals(Set.of(), a.assignment());

            Topic<String, String> again =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(4));
            again.send(ProducerRecord.<String, String>of(null, "2").toPartition(1))
                    .join();
            assertEquals(Set.of("1 2"), pollAll(a));

            // Both between two polls: nobody sees that there was none.
            broker.deleteTopic("t");
            broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(4))
                    .send(ProducerRecord.<String, String>of(null, "3").toPartition(1))
                    .join();
            assertEquals(Set.of("1 3"), pollAll(a));
        }
    }

    @Test
    void whatAListenerThrowsComesOutOfPollAndTheGroupGoesOn() {
        GroupSettings throwing = settings("a").withRebalanceListener(new RebalanceListener() {
            @Override
            public void onPartitionsAssigned(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {
                throw new IllegalStateException("planted: " + partitions.size());
            }
        });
        try (ConsumerGroup<String, String> a = ConsumerGroup.join(topic, "g", throwing)) {
            sendToAll("v");

            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> a.poll(Duration.ZERO));

            assertEquals("planted: 4", thrown.getMessage());
            assertEquals(4, pollAll(a).size());
        }
    }

    @Test
    void aListenerThatNeverReturnsHoldsUpItsMemberOnly() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        GroupSettings stuck = settings("a").withRebalanceListener(new RebalanceListener() {
            @Override
            public void onPartitionsAssigned(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {
                entered.countDown();
                try {
                    released.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        ConsumerGroup<String, String> a = ConsumerGroup.join(topic, "g", stuck);
        Thread thread = new Thread(() -> a.poll(Duration.ZERO));
        thread.start();
        entered.await();
        sendToAll("v");
        try (ConsumerGroup<String, String> b = join("b")) {
            Duration start = clock.elapsed();

            assertEquals(4, b.poll(Duration.ofDays(1)).size());

            assertEquals(POLL_INTERVAL, clock.elapsed().minus(start));
        } finally {
            released.countDown();
            thread.join();
            a.close();
        }
    }

    @Test
    void aListenerMaySeekAndCommit() {
        sendToAll("1");
        sendToAll("2");
        GroupSettings seeking = settings("a").withRebalanceListener(new RebalanceListener() {
            @Override
            public void onPartitionsAssigned(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {
                partitions.forEach(partition -> member.seek(partition, 1));
                member.commit();
            }
        });
        try (ConsumerGroup<String, String> a = ConsumerGroup.join(topic, "g", seeking)) {
            assertEquals(Set.of("0 2", "1 2", "2 2", "3 2"), pollAll(a));
            assertEquals(1, a.committed(partitions(0)).get(at(0)).offset());
        }
    }

    @Test
    void severalGroupsReadTheSame() {
        sendToAll("v");
        try (ConsumerGroup<String, String> a = ConsumerGroup.join(topic, "g1");
                ConsumerGroup<String, String> b = ConsumerGroup.join(topic, "g2")) {
            assertEquals(4, pollAll(a).size());
            assertEquals(4, pollAll(b).size());
        }
    }

    @Test
    void refusesWhatOnlyAConsumerWithoutAGroupCanDo() {
        try (ConsumerGroup<String, String> a = join("a")) {
            assertThrows(IllegalStateException.class, () -> a.assign(partitions(0)));
            a.unsubscribe();
            assertThrows(IllegalStateException.class, () -> a.poll(Duration.ZERO));
            assertEquals(Set.of(), a.assignment());
            a.subscribe(Set.of("t"));
            a.poll(Duration.ZERO);
            assertEquals(4, a.assignment().size());
        }
        ConsumerGroup<String, String> closed = join("a");
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.poll(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> ConsumerGroup.join(topic, ""));
        assertFalse(broker.topics().contains("__consumer_offsets"));
    }

    private GroupSettings settings(String name) {
        return GroupSettings.defaults()
                .withSessionTimeout(SESSION)
                .withMaxPollInterval(POLL_INTERVAL)
                .withRebalanceListener(new Teller(name));
    }

    private ConsumerGroup<String, String> join(String name) {
        return ConsumerGroup.join(topic, "g", settings(name));
    }

    private ConsumerGroup<String, String> join(String name, CommitPolicy commits) {
        return ConsumerGroup.join(topic, "g", settings(name).withCommits(commits));
    }

    private ConsumerGroup<String, String> joinAs(String instanceId) {
        return ConsumerGroup.join(topic, "g", settings(instanceId).withInstanceId(instanceId));
    }

    /** Until nobody has anything to hear any more; reads nothing that was there before. */
    @SafeVarargs
    private static void settle(ConsumerGroup<String, String>... members) {
        for (int round = 0; round < 4; round++) {
            for (ConsumerGroup<String, String> member : members) {
                Set<TopicPartition> paused = member.paused();
                assertEquals(Set.of(), paused);
                for (ConsumerRecord<String, String> record : member.poll(Duration.ZERO)) {
                    member.seek(record.topicPartition(), record.offset());
                }
            }
        }
    }

    private void sendToAll(String value) {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int partition = 0; partition < 4; partition++) {
            sent.add(topic.send(ProducerRecord.<String, String>of(null, value).toPartition(partition)));
        }
        sent.forEach(CompletableFuture::join);
    }

    private static Set<String> pollAll(ConsumerGroup<String, String> member) {
        Set<String> values = new TreeSet<>();
        for (int i = 0; i < 6; i++) {
            member.poll(Duration.ZERO).forEach(record -> values.add(record.partition() + " " + record.value()));
        }
        return values;
    }

    private static TopicPartition at(int partition) {
        return new TopicPartition("t", partition);
    }

    private static Set<TopicPartition> partitions(int... numbers) {
        Set<TopicPartition> partitions = new HashSet<>();
        for (int number : numbers) {
            partitions.add(at(number));
        }
        return partitions;
    }

    /** Tells who got and gave up what. */
    private final class Teller implements RebalanceListener {
        private final String name;

        Teller(String name) {
            this.name = name;
        }

        @Override
        public void onPartitionsRevoked(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {
            tell("-", partitions);
        }

        @Override
        public void onPartitionsAssigned(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {
            tell("+", partitions);
        }

        @Override
        public void onPartitionsLost(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {
            tell("!", partitions);
        }

        private void tell(String what, Set<TopicPartition> partitions) {
            TreeSet<Integer> numbers = new TreeSet<>();
            partitions.forEach(partition -> numbers.add(partition.partition()));
            told.add(name + what + numbers);
        }
    }
}
