package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicSettings;
import io.tidemill.replication.controller.ClusterEvent.BrokerRegistered;
import io.tidemill.replication.controller.ClusterEvent.BrokerUnfenced;
import io.tidemill.replication.controller.ClusterEvent.PartitionChanged;
import io.tidemill.replication.controller.ClusterSnapshot.TopicState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must be so after each decision, and after each record that is committed. */
final class ClusterInvariants {
    /** Of one partition, over all that happens. */
    private static final class History {
        final Map<Integer, Integer> leaders = new HashMap<>();
        int leaderEpoch;
        int partitionEpoch = -1;
        List<Long> committed = List.of();
        /** Leaders before that one committed what may be gone by now, as it was allowed to. */
        int lossyEpoch;

        int lossyLeader = PartitionState.NO_LEADER;
    }

    private final List<SimulatedBroker> brokers;
    private final Map<PartitionId, History> histories = new HashMap<>();
    private final Map<Integer, Long> brokerEpochs = new HashMap<>();
    private long metadataEpoch;
    int lossyElections;
    int eligibleElections;
    long commits;

    ClusterInvariants(List<SimulatedBroker> brokers) {
        this.brokers = brokers;
    }

    /**
     * @param before what was known when it was decided
     * @param isVouched whether a leader asked for it, which knows who is in sync
     */
    void onAgreed(ClusterSnapshot before, List<ClusterEvent> decision, boolean isVouched, ClusterCore core) {
        assertEquals(metadataEpoch + 1, core.metadataEpoch());
        metadataEpoch = core.metadataEpoch();
        Set<Integer> tailless = new HashSet<>();
        for (ClusterEvent event : decision) {
            if (event instanceof BrokerRegistered registered) {
                assertTrue(brokerEpochs.getOrDefault(registered.brokerId(), -1L) < registered.epoch());
                brokerEpochs.put(registered.brokerId(), registered.epoch());
                SimulatedBroker broker = brokers.get(registered.brokerId());
                if (broker.isTailLost) {
                    tailless.add(broker.id);
                    broker.isTailLost = false;
                }
            }
        }
        for (ClusterEvent event : decision) {
            if (event instanceof BrokerUnfenced unfenced) {
                BrokerRegistration known =
                        brokers.get(unfenced.brokerId()).view().broker(unfenced.brokerId());
                assertEquals(core.broker(unfenced.brokerId()), unfencedAs(known), "unfenced before it knows of itself");
            }
            if (event instanceof PartitionChanged changed) {
                PartitionState former = find(before, changed.id());
                onChanged(changed);
                if (former != null && isVouched && former.assignment().isMoving()) {
                    assertTrue(
                            changed.state().assignment().isMoving()
                                    || changed.state()
                                            .isr()
                                            .containsAll(changed.state().replicas()),
                            () -> "a move ended early: " + changed);
                }
                if (former != null && !isVouched) {
                    onElected(former, changed, tailless, isUnclean(core, changed.id()));
                }
            }
        }
        for (TopicState topic : core.snapshot().topics()) {
            check(topic, core);
        }
    }

    private static @Nullable BrokerRegistration unfencedAs(@Nullable BrokerRegistration known) {
        return known == null ? null : known.unfenced();
    }

    private static @Nullable PartitionState find(ClusterSnapshot snapshot, PartitionId id) {
        for (TopicState topic : snapshot.topics()) {
            if (topic.topic().id().equals(id.topicId())
                    && id.index() < topic.partitions().size()) {
                return topic.partitions().get(id.index());
            }
        }
        return null;
    }

    private static boolean isUnclean(ClusterCore core, PartitionId id) {
        return core.topics().stream()
                .filter(topic -> topic.id().equals(id.topicId()))
                .anyMatch(topic -> core.settings(topic).isUncleanLeaderElectionEnabled());
    }

    private void onChanged(PartitionChanged changed) {
        PartitionState state = changed.state();
        History history = history(changed.id());
        assertEquals(history.partitionEpoch + 1, state.partitionEpoch(), () -> "partition epoch of " + changed);
        assertTrue(state.leaderEpoch() >= history.leaderEpoch, () -> "leader epoch of " + changed);
        history.partitionEpoch = state.partitionEpoch();
        history.leaderEpoch = state.leaderEpoch();
        int former = history.leaders.getOrDefault(state.leaderEpoch(), state.leader());
        assertEquals(former, state.leader(), () -> "two leaders in one epoch: " + changed);
        history.leaders.put(state.leaderEpoch(), state.leader());
    }

    private History history(PartitionId id) {
        return histories.computeIfAbsent(id, none -> new History());
    }

    private void onElected(
            PartitionState before, PartitionChanged changed, Set<Integer> tailless, boolean isUncleanAllowed) {
        PartitionState state = changed.state();
        Set<Integer> complete = new HashSet<>(before.isr());
        complete.addAll(before.elr());
        complete.removeAll(tailless);
        Set<Integer> stillComplete = new HashSet<>(state.isr());
        stillComplete.addAll(state.elr());
        assertTrue(
                complete.isEmpty() || !stillComplete.isEmpty() || isUncleanAllowed,
                () -> "nobody is complete any more: before=" + before + ", " + changed);
        if (state.hasLeader() && state.leader() != before.leader()) {
            if (before.elr().contains(state.leader()) && complete.contains(state.leader())) {
                eligibleElections++;
            }
            if (!complete.contains(state.leader())) {
                assertTrue(
                        complete.isEmpty() || isUncleanAllowed,
                        () -> "an incomplete leader: before=" + before + ", " + changed);
                lossyElections++;
                History history = history(changed.id());
                history.lossyEpoch = state.leaderEpoch();
                history.lossyLeader = state.leader();
                history.committed = samePrefix(history.committed, log(state.leader(), changed.id()));
            }
        }
    }

    private static List<Long> samePrefix(List<Long> committed, List<Long> log) {
        int same = 0;
        while (same < Math.min(committed.size(), log.size())
                && committed.get(same).equals(log.get(same))) {
            same++;
        }
        return committed.subList(0, same);
    }

    private List<Long> log(int brokerId, PartitionId id) {
        return brokers.get(brokerId).log(id);
    }

    private void check(TopicState topic, ClusterCore core) {
        TopicSettings settings = core.settings(topic.topic());
        assertEquals(settings.partitions(), topic.partitions().size());
        for (int index = 0; index < topic.partitions().size(); index++) {
            PartitionId id = new PartitionId(topic.topic().id(), index);
            PartitionState state = topic.partitions().get(index);
            String seen = id + ": " + state;
            assertTrue(
                    state.replicas().stream().allMatch(replica -> core.broker(replica) != null),
                    () -> "kept by nobody: " + seen);
            assertTrue(state.replicas().containsAll(state.isr()), () -> "isr beyond replicas: " + seen);
            assertTrue(state.replicas().containsAll(state.elr()), () -> "elr beyond replicas: " + seen);
            assertTrue(state.elr().stream().noneMatch(state.isr()::contains), () -> "both isr and elr: " + seen);
            assertEquals(state.hasLeader(), !state.isr().isEmpty(), () -> "leader and isr: " + seen);
            assertTrue(!state.hasLeader() || state.isr().contains(state.leader()), () -> "leader not in isr: " + seen);
            assertTrue(
                    state.isr().size() < state.effectiveMinIsr(settings.minInsyncReplicas())
                            || state.elr().isEmpty(),
                    () -> "eligible though others may commit: " + seen);
            for (int replica : state.isr()) {
                assertTrue(isActive(core, replica), () -> "inactive, but in sync: " + seen);
            }
            assertNull(
                    new PartitionChange(state, settings, replica -> isActive(core, replica)).next(),
                    () -> "left to be done: " + seen);
            checkComplete(id, state);
        }
    }

    private static boolean isActive(ClusterCore core, int brokerId) {
        BrokerRegistration broker = core.broker(brokerId);
        return broker != null && broker.isActive();
    }

    /** Whoever is in sync or eligible has what is committed, unless it lost its tail and could not yet say so. */
    private void checkComplete(PartitionId id, PartitionState state) {
        History history = history(id);
        Set<Integer> complete = new HashSet<>(state.isr());
        complete.addAll(state.elr());
        for (int replica : complete) {
            List<Long> log = log(replica, id);
            assertTrue(
                    brokers.get(replica).isTailLost
                            || samePrefix(history.committed, log).size() == history.committed.size(),
                    () -> "committed records are missing: replica=" + replica + ", committed="
                            + history.committed.size() + ", log=" + log.size() + ", " + id + ": " + state);
        }
    }

    /** It had been told long ago to keep it no more, and learns of that after it was elected all the same. */
    void onDeleted(int brokerId, PartitionChanged told) {
        History history = history(told.id());
        if (brokerId == history.lossyLeader && told.state().leaderEpoch() < history.lossyEpoch) {
            history.committed = List.of();
        }
    }

    /** It leads nothing, and everybody knows that, unless it was fenced anyway. */
    void onStopped(SimulatedBroker stopped, boolean wasFenced, ClusterCore core) {
        for (SimulatedBroker broker : brokers) {
            boolean isCurrent = !wasFenced
                    && isActive(core, broker.id)
                    && broker.isRunning
                    && Objects.requireNonNull(core.broker(broker.id)).epoch() == broker.epoch;
            for (TopicState topic : core.snapshot().topics()) {
                for (int index = 0; index < topic.partitions().size(); index++) {
                    PartitionId id = new PartitionId(topic.topic().id(), index);
                    assertTrue(topic.partitions().get(index).leader() != stopped.id, "a leader may stop");
                    PartitionState known = broker.view().partition(id);
                    assertTrue(
                            !isCurrent || known == null || known.leader() != stopped.id,
                            () -> "stops, but is taken for a leader: brokerId=" + broker.id + ", " + known);
                }
            }
        }
    }

    /** A leader, as far as it knows, has told somebody that these are committed. */
    void onCommitted(PartitionId id, int leaderEpoch, List<Long> committed, ClusterCore core) {
        History history = history(id);
        PartitionState state = core.partition(id);
        if (state == null || leaderEpoch < history.lossyEpoch) {
            return;
        }
        commits++;
        int both = Math.min(committed.size(), history.committed.size());
        assertEquals(history.committed.subList(0, both), committed.subList(0, both), () -> "two histories: " + id);
        if (committed.size() > both) {
            history.committed = committed;
            checkComplete(id, state);
        }
    }
}
