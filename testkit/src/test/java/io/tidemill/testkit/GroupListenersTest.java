package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerSettings;
import io.tidemill.PartitionEof;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.broker.Companion;
import io.tidemill.broker.HostBroker;
import io.tidemill.errors.StorageException;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupDescription.State;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetPlace;
import io.tidemill.groups.RebalanceListener;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import io.tidemill.testkit.BrokenStorage.Act;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** G02: what a listener, an assignor or somebody outside may do in the middle of a rebalance, in virtual time. */
class GroupListenersTest {
    private static final int COLLECTIONS_MAX = 20;

    private final ManualClock clock = new ManualClock();
    private final BrokenStorage storage = new BrokenStorage(Storage.inMemory());
    private final Broker broker = Broker.open(
            storage, BrokerSettings.defaults(), new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    private final Topic<String, String> topic =
            broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(4));

    @Test
    void aMemberThatItsListenerClosesWhenItGivesSomethingUpIsNoMoreAndItsPollReturns() {
        ConsumerGroup<String, String> a = join(onRevoked((member, partitions) -> member.close()));
        a.poll(Duration.ZERO);
        try (ConsumerGroup<String, String> b = join(RebalanceListener.NONE)) {
            assertEquals(List.of(), a.poll(Duration.ZERO));

            b.poll(Duration.ZERO);

            assertEquals(4, b.assignment().size());
        }
    }

    @Test
    void aMemberThatItsListenerClosesWhenItLostWhatItHadIsNoMoreAndItsPollReturns() {
        ConsumerGroup<String, String> a = join(onRevoked((member, partitions) -> member.close()));
        a.poll(Duration.ZERO);
        clock.advance(Duration.ofMinutes(6));
        try (ConsumerGroup<String, String> b = join(RebalanceListener.NONE)) {
            assertEquals(List.of(), a.poll(Duration.ZERO));

            b.poll(Duration.ZERO);

            assertEquals(4, b.assignment().size());
        }
    }

    @Test
    void aListenerIsRefusedToSubscribeAnew() {
        List<Consumer<ConsumerGroup<?, ?>>> acts =
                List.of(ConsumerGroup::unsubscribe, member -> member.subscribe(Set.of("t")));
        for (Consumer<ConsumerGroup<?, ?>> act : acts) {
            ConsumerGroup<String, String> a = join(onRevoked((member, partitions) -> act.accept(member)));
            a.poll(Duration.ZERO);
            ConsumerGroup<String, String> b = join(RebalanceListener.NONE);

            assertThrows(IllegalStateException.class, () -> a.poll(Duration.ZERO));

            a.poll(Duration.ZERO);
            b.poll(Duration.ZERO);
            assertEquals(2, a.assignment().size());
            assertEquals(2, b.assignment().size());
            b.close();
            assertThrows(IllegalStateException.class, a::close);
            assertEquals(State.EMPTY, Groups.of(broker).describe("g").state());
        }
    }

    @Test
    void aMemberReadsNothingMoreOfWhatItLostWhateverItsListenerThrows() {
        AtomicBoolean isThrown = new AtomicBoolean();
        ConsumerGroup<String, String> a = join(onRevoked((member, partitions) -> {
            isThrown.set(true);
            throw new AssertionError("planted");
        }));
        a.poll(Duration.ZERO);
        clock.advance(Duration.ofMinutes(6));
        try (ConsumerGroup<String, String> b = join(RebalanceListener.NONE)) {
            sendToAll();
            assertEquals(4, b.poll(Duration.ZERO).size());

            assertThrows(AssertionError.class, () -> a.poll(Duration.ZERO));

            assertEquals(List.of(), a.poll(Duration.ZERO));
        }
    }

    @Test
    void aMemberGivesUpWhatItMustWhateverItsListenerThrows() {
        ConsumerGroup<String, String> a = join(onRevoked((member, partitions) -> {
            throw new AssertionError("planted");
        }));
        a.poll(Duration.ZERO);
        try (ConsumerGroup<String, String> b = join(RebalanceListener.NONE)) {
            assertThrows(AssertionError.class, () -> a.poll(Duration.ZERO));
            a.poll(Duration.ZERO);
            b.poll(Duration.ZERO);

            assertEquals(2, b.assignment().size());
        }
    }

    @Test
    void aTopicThatGrowsWhileTheFirstMemberJoinsIsReadAsItIsThen() {
        AtomicBoolean isFirst = new AtomicBoolean(true);
        Assignor growing = (members, partitions) -> {
            if (isFirst.getAndSet(false)) {
                CompletableFuture.runAsync(() -> broker.alterTopic("t", now -> now.withPartitions(5)))
                        .join();
            }
            return Assignor.uniform().assign(members, partitions);
        };
        try (ConsumerGroup<String, String> a =
                ConsumerGroup.join(topic, "g", GroupSettings.defaults().withAssignor(growing))) {
            topic.send(ProducerRecord.<String, String>of(null, "v").toPartition(4))
                    .join();

            assertEquals(1, a.poll(Duration.ofDays(1)).size());
        }
    }

    private static final class Counting implements Companion {
        private int changes;

        @Override
        public void onMetadataChanged() {
            changes++;
        }

        @Override
        public void onBrokerClosed() {}
    }

    @Test
    void whoIsMadeWhileTopicsChangeIsToldOfThat() {
        Counting made = HostBroker.of(broker).companion(Counting.class, host -> {
            Counting counting = new Counting();
            host.createTopic("u", TopicSettings.partitions(1));
            return counting;
        });

        assertEquals(1, made.changes);
    }

    @Test
    void aGroupWhoseStaticMemberStaysAwayIsForgottenWhenTheTimeIsOver() {
        ConsumerGroup.join(topic, "g", GroupSettings.defaults().withInstanceId("i"))
                .close();
        Groups groups = Groups.of(broker);
        clock.advance(Duration.ofHours(1));
        assertEquals(Set.of("g"), groups.names());

        clock.advance(Duration.ofDays(7));

        assertEquals(Set.of(), groups.names());
    }

    @Test
    void nothingIsKeptOfAMemberThatCouldNotJoin() {
        Groups groups = Groups.of(broker);
        groups.names();
        storage.breakLog("__consumer_offsets-0", Act.APPEND);
        WeakReference<List<PartitionEof>> kept = failToJoin();
        storage.mend();
        groups.names();

        for (int i = 0; i < COLLECTIONS_MAX && kept.get() != null; i++) {
            System.gc();
        }

        assertNull(kept.get());
    }

    private WeakReference<List<PartitionEof>> failToJoin() {
        List<PartitionEof> ends = new ArrayList<>();
        GroupSettings settings = GroupSettings.defaults()
                .withConsumer(ConsumerSettings.defaults().withPartitionEofListener(ends::add));
        assertThrows(StorageException.class, () -> ConsumerGroup.join(topic, "g", settings));
        return new WeakReference<>(ends);
    }

    @Test
    void aResetByMoreRecordsThanThereAreEndsAtAnEnd() {
        sendToAll();
        Groups groups = Groups.of(broker);
        Set<TopicPartition> t0 = Set.of(new TopicPartition("t", 0));
        groups.reset("g", t0, OffsetPlace.latest());

        assertEquals(
                Map.of(new TopicPartition("t", 0), 1L),
                groups.previewReset("g", t0, OffsetPlace.shiftBy(Long.MAX_VALUE)));
        assertEquals(
                Map.of(new TopicPartition("t", 0), 0L),
                groups.previewReset("g", t0, OffsetPlace.shiftBy(Long.MIN_VALUE)));
        assertThrows(IllegalArgumentException.class, () -> groups.reset("", t0, OffsetPlace.latest()));
        assertThrows(IllegalArgumentException.class, () -> groups.previewReset("", t0, OffsetPlace.latest()));
    }

    private ConsumerGroup<String, String> join(RebalanceListener listener) {
        return ConsumerGroup.join(
                topic,
                "g",
                GroupSettings.defaults().withCommits(CommitPolicy.manual()).withRebalanceListener(listener));
    }

    private static RebalanceListener onRevoked(BiConsumer<ConsumerGroup<?, ?>, Collection<TopicPartition>> act) {
        return new RebalanceListener() {
            @Override
            public void onPartitionsRevoked(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {
                act.accept(member, partitions);
            }
        };
    }

    private void sendToAll() {
        for (int partition = 0; partition < 4; partition++) {
            topic.send(ProducerRecord.<String, String>of(null, "v").toPartition(partition))
                    .join();
        }
    }
}
