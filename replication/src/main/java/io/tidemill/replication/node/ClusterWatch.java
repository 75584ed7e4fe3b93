package io.tidemill.replication.node;

import io.tidemill.ClusterMetrics;
import io.tidemill.TopicPartition;
import io.tidemill.metadata.MetadataEvent;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.metrics.Telemetry;
import io.tidemill.replication.controller.BrokerRegistration;
import io.tidemill.replication.controller.ClusterCore;
import io.tidemill.replication.controller.ClusterEvent;
import io.tidemill.replication.controller.ClusterEvent.PartitionChanged;
import io.tidemill.replication.controller.ClusterEvent.TopicEvent;
import io.tidemill.replication.controller.PartitionId;
import io.tidemill.replication.controller.PartitionState;
import io.tidemill.replication.raft.Ballot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells what happens to the cluster, by what this broker has heard of: sums are counted, and whoever listens is told. What was agreed on
 * before this broker took part is in no sum and nobody is told of it; it would be told once more after each restart.
 *
 * <p>Owned by the lane thread.
 */
final class ClusterWatch {
    private final int selfId;
    private final ClusterCore core;
    private final Telemetry telemetry;
    private final ClusterGauges gauges;
    private final Map<UUID, String> topics = new HashMap<>();
    private final Map<PartitionId, PartitionState> partitions = new HashMap<>();
    private Set<Integer> active = Set.of();
    private int offline;
    private int underReplicated;
    private int led;
    private int controllerId = ClusterMetrics.NOBODY;
    private long controllerEpoch;
    /** Who was told last, and its epoch. */
    private int toldControllerId = ClusterMetrics.NOBODY;

    private long toldControllerEpoch;
    private boolean isTelling;

    ClusterWatch(int selfId, ClusterCore core, Telemetry telemetry, ClusterGauges gauges) {
        this.selfId = selfId;
        this.core = core;
        this.telemetry = telemetry;
        this.gauges = gauges;
    }

    // ---- what was agreed on

    /**
     * A decision that the core has replayed.
     *
     * @param takesPart whether this broker does, by now
     */
    void onReplayed(List<ClusterEvent> decision, boolean takesPart) {
        isTelling |= takesPart;
        for (ClusterEvent event : decision) {
            if (event instanceof PartitionChanged changed) {
                onPartition(changed.id(), changed.state());
            } else if (event instanceof TopicEvent topic) {
                onTopic(topic.event());
            }
        }
        onBrokers();
        publish();
    }

    private void onTopic(MetadataEvent event) {
        if (event instanceof TopicRecord topic) {
            topics.put(topic.id(), topic.name());
        } else {
            List.copyOf(partitions.keySet()).stream()
                    .filter(id -> id.topicId().equals(event.id()))
                    .forEach(this::forget);
            topics.remove(event.id());
        }
    }

    /** The core was restored; as {@link #onReplayed}. */
    void onRestored(boolean takesPart) {
        isTelling |= takesPart;
        Set<PartitionId> gone = new HashSet<>(partitions.keySet());
        topics.clear();
        for (TopicRecord topic : core.topics()) {
            topics.put(topic.id(), topic.name());
            for (int i = 0; i < topic.settings().partitions(); i++) {
                PartitionId id = new PartitionId(topic.id(), i);
                gone.remove(id);
                onPartition(id, Objects.requireNonNull(core.partition(id)));
            }
        }
        gone.forEach(this::forget);
        onBrokers();
        publish();
    }

    private void forget(PartitionId id) {
        count(partitions.remove(id), -1);
    }

    private void onPartition(PartitionId id, PartitionState state) {
        PartitionState before = partitions.put(id, state);
        count(before, -1);
        count(state, 1);
        if (before == null || !isTelling) {
            return;
        }
        TopicPartition partition = new TopicPartition(Objects.requireNonNull(topics.get(id.topicId())), id.index());
        if (before.leader() != state.leader()) {
            gauges.onLeaderChange();
            telemetry.onLeaderChange(partition, state.leader(), state.leaderEpoch());
        }
        boolean isShrunk = !state.isr().containsAll(before.isr());
        boolean isExpanded = !before.isr().containsAll(state.isr());
        if (isShrunk || isExpanded) {
            gauges.onInSyncChange(isShrunk, isExpanded);
            telemetry.onInSyncChange(partition, before.isr(), state.isr());
        }
    }

    private void count(@Nullable PartitionState state, int by) {
        if (state != null) {
            offline += state.hasLeader() ? 0 : by;
            underReplicated += state.isr().size() < state.replicas().size() ? by : 0;
            led += state.leader() == selfId ? by : 0;
        }
    }

    private void onBrokers() {
        Set<Integer> before = active;
        active = new TreeSet<>();
        for (BrokerRegistration broker : core.brokers()) {
            if (broker.isActive()) {
                active.add(broker.id());
            }
        }
        if (isTelling) {
            tellDifference(before, active, false);
            tellDifference(active, before, true);
        }
    }

    private void tellDifference(Set<Integer> brokers, Set<Integer> others, boolean isActive) {
        for (int brokerId : brokers) {
            if (!others.contains(brokerId)) {
                telemetry.onBrokerChange(brokerId, isActive);
            }
        }
    }

    // ---- what this broker sees by itself

    /** Who is the controller as far as this broker knows, which may be what was so before. */
    void onController(int id, long epoch) {
        if (id == controllerId && epoch == controllerEpoch) {
            return;
        }
        controllerId = id;
        controllerEpoch = epoch;
        publish();
        if (id != Ballot.NOBODY && (id != toldControllerId || epoch != toldControllerEpoch)) {
            toldControllerId = id;
            toldControllerEpoch = epoch;
            gauges.onControllerChange();
            telemetry.onControllerChange(id, epoch);
        }
    }

    void onPeer(int brokerId, boolean isConnected) {
        telemetry.onPeerChange(brokerId, isConnected);
    }

    private void publish() {
        gauges.onKnown(new ClusterGauges.Known(
                controllerId == Ballot.NOBODY ? ClusterMetrics.NOBODY : controllerId,
                controllerEpoch,
                core.metadataEpoch(),
                active.size(),
                core.brokers().size() - active.size(),
                active.contains(selfId),
                offline,
                underReplicated,
                led));
    }
}
