package io.tidemill.replication.controller;

import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.controller.ClusterAnswer.DoneExcept;
import io.tidemill.replication.controller.ClusterAnswer.RefusedPartition;
import io.tidemill.replication.controller.ClusterEvent.PartitionChanged;
import io.tidemill.replication.controller.ClusterRequest.AlterPartitions;
import io.tidemill.replication.controller.ClusterRequest.ElectPreferred;
import io.tidemill.replication.controller.ClusterRequest.InSync;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Who leads a partition, and who is in sync. */
final class PartitionDecisions {
    /** At once, so that other requests have their turn in between. */
    static final int BALANCED_MAX = 1_000;

    private final ClusterState state;

    PartitionDecisions(ClusterState state) {
        this.state = state;
    }

    /** These brokers are active no more, and some of them have lost their tails. */
    List<ClusterEvent> without(Set<Integer> gone, Set<Integer> tailless) {
        IntPredicate isActive = id -> !gone.contains(id) && state.brokers().isActive(id);
        return changeAll(
                partition -> partition.isr().stream().anyMatch(gone::contains)
                        || partition.elr().stream().anyMatch(tailless::contains),
                isActive,
                change -> change.tailless(tailless));
    }

    /** That broker is active again. */
    List<ClusterEvent> with(int brokerId) {
        IntPredicate isActive = id -> id == brokerId || state.brokers().isActive(id);
        return changeAll(partition -> !partition.hasLeader(), isActive, change -> change);
    }

    private List<ClusterEvent> changeAll(
            Predicate<PartitionState> isConcerned, IntPredicate isActive, UnaryOperator<PartitionChange> how) {
        List<ClusterEvent> events = new ArrayList<>();
        for (Topics.Placed placed : state.topics().all()) {
            TopicSettings settings = state.effective(placed.topic());
            for (int index = 0; index < placed.partitions().size(); index++) {
                PartitionState partition = placed.partitions().get(index);
                if (isConcerned.test(partition)) {
                    PartitionState next = how.apply(new PartitionChange(partition, settings, isActive))
                            .next();
                    addIfAny(events, placed.id(index), next);
                }
            }
        }
        return events;
    }

    private static void addIfAny(List<ClusterEvent> events, PartitionId id, @Nullable PartitionState next) {
        if (next != null) {
            events.add(new PartitionChanged(id, next));
        }
    }

    /** What follows for partitions that there are when topics have other settings. */
    List<ClusterEvent> underSettings(Iterable<Topics.Placed> topics, Function<TopicRecord, TopicSettings> settingsOf) {
        List<ClusterEvent> events = new ArrayList<>();
        for (Topics.Placed placed : topics) {
            TopicSettings settings = settingsOf.apply(placed.topic());
            for (int index = 0; index < placed.partitions().size(); index++) {
                addIfAny(
                        events,
                        placed.id(index),
                        change(placed.partitions().get(index), settings).next());
            }
        }
        return events;
    }

    private PartitionChange change(PartitionState partition, TopicSettings settings) {
        return new PartitionChange(partition, settings, state.brokers()::isActive);
    }

    PartitionChange change(PartitionId id) {
        return change(state(id), settings(id));
    }

    PartitionState state(PartitionId id) {
        PartitionState partition = state.topics().find(id);
        if (partition == null) {
            throw new RefusedException(Refusal.UNKNOWN_TOPIC_OR_PARTITION, "no such partition: " + id);
        }
        return partition;
    }

    TopicSettings settings(PartitionId id) {
        Topics.Placed placed = state.topics().find(id.topicId());
        if (placed == null) {
            throw new RefusedException(Refusal.UNKNOWN_TOPIC_OR_PARTITION, "no such topic: " + id);
        }
        return state.effective(placed.topic());
    }

    /** One that the broker keeps, or is to keep; null if there is none. */
    @Nullable
    PartitionId findKeptBy(int brokerId) {
        for (Topics.Placed placed : state.topics().all()) {
            for (int index = 0; index < placed.partitions().size(); index++) {
                if (placed.partitions().get(index).replicas().contains(brokerId)) {
                    return placed.id(index);
                }
            }
        }
        return null;
    }

    Decision alter(AlterPartitions request) {
        state.brokers().require(request.brokerId(), request.brokerEpoch());
        List<ClusterEvent> events = new ArrayList<>();
        List<RefusedPartition> refused = new ArrayList<>();
        Set<PartitionId> seen = new HashSet<>();
        for (IsrChange isrChange : request.changes()) {
            // All of them are decided on the state before: what is named twice would be changed twice from there.
            Refusal refusal =
                    seen.add(isrChange.id()) ? refusal(request.brokerId(), isrChange) : Refusal.INVALID_REQUEST;
            if (refusal == null) {
                List<Integer> isr =
                        isrChange.isr().stream().map(InSync::brokerId).toList();
                PartitionState next = change(isrChange.id()).isr(isr).next();
                // Whoever asks for what there is wants that nothing which it asked for before is done any more.
                addIfAny(
                        events,
                        isrChange.id(),
                        next == null ? state(isrChange.id()).anew() : next);
            } else {
                refused.add(new RefusedPartition(isrChange.id(), refusal));
            }
        }
        return new Decision(events, new DoneExcept(refused));
    }

    private @Nullable Refusal refusal(int leaderId, IsrChange isrChange) {
        PartitionState partition = state.topics().find(isrChange.id());
        if (partition == null) {
            return Refusal.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (isrChange.leaderEpoch() > partition.leaderEpoch()
                || isrChange.partitionEpoch() > partition.partitionEpoch()) {
            return Refusal.NOT_CONTROLLER;
        }
        if (isrChange.leaderEpoch() < partition.leaderEpoch()) {
            return Refusal.FENCED_LEADER_EPOCH;
        }
        if (leaderId != partition.leader()) {
            return Refusal.INVALID_REQUEST;
        }
        if (isrChange.partitionEpoch() < partition.partitionEpoch()) {
            return Refusal.INVALID_UPDATE_VERSION;
        }
        Set<Integer> isr = new HashSet<>();
        boolean isOnce = isrChange.isr().stream().allMatch(member -> isr.add(member.brokerId()));
        if (!isOnce || !isr.contains(leaderId) || !partition.replicas().containsAll(isr)) {
            return Refusal.INVALID_REQUEST;
        }
        return isrChange.isr().stream().allMatch(this::isEligible) ? null : Refusal.INELIGIBLE_REPLICA;
    }

    private boolean isEligible(InSync member) {
        BrokerRegistration broker = state.brokers().find(member.brokerId());
        return broker != null && broker.isActive() && broker.epoch() == member.brokerEpoch();
    }

    Decision electPreferred(ElectPreferred request) {
        Set<PartitionId> ids = new LinkedHashSet<>();
        for (TopicPartition partition : request.partitions()) {
            ids.add(state.topics().require(partition));
        }
        if (request.partitions().isEmpty()) {
            ids.addAll(notLedByPreferred());
        }
        List<ClusterEvent> events = new ArrayList<>();
        List<RefusedPartition> refused = new ArrayList<>();
        for (PartitionId id : ids) {
            PartitionState next = change(id).preferred().next();
            addIfAny(events, id, next);
            if (next == null && isNotLedByPreferred(state(id))) {
                refused.add(new RefusedPartition(id, Refusal.PREFERRED_LEADER_NOT_AVAILABLE));
            }
        }
        return new Decision(events, new DoneExcept(refused));
    }

    private List<PartitionId> notLedByPreferred() {
        List<PartitionId> ids = new ArrayList<>();
        for (Topics.Placed placed : state.topics().all()) {
            for (int index = 0; index < placed.partitions().size(); index++) {
                if (isNotLedByPreferred(placed.partitions().get(index))) {
                    ids.add(placed.id(index));
                }
            }
        }
        return ids;
    }

    private static boolean isNotLedByPreferred(PartitionState partition) {
        return partition.leader() != partition.replicas().get(0);
    }

    /** Gives preferred replicas that are in sync what they are to lead; {@link #BALANCED_MAX} at most. */
    List<ClusterEvent> balanceLeaders() {
        List<ClusterEvent> events = new ArrayList<>();
        for (PartitionId id : notLedByPreferred()) {
            if (events.size() == BALANCED_MAX) {
                break;
            }
            addIfAny(events, id, change(id).preferred().next());
        }
        return events;
    }
}
