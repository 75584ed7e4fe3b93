package io.tidemill.metrics;

import io.tidemill.ClusterMetrics;
import io.tidemill.LaneMetrics;
import io.tidemill.MetricsListener;
import io.tidemill.PartitionMetrics;
import io.tidemill.TopicPartition;
import io.tidemill.spi.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whom a broker tells of its work, and the clock that it is measured by. Any thread. */
public final class Telemetry {
    private final Clock clock;
    private final @Nullable GuardedListener listener;

    public Telemetry(Clock clock, @Nullable MetricsListener listener) {
        this.clock = clock;
        this.listener = listener == null ? null : new GuardedListener(listener);
    }

    /** For one partition. */
    public PartitionProbe newProbe(String topic, int partition) {
        return new PartitionProbe(topic, partition, clock, listener);
    }

    public void onLaneOpened(LaneMetrics lane) {
        if (listener != null) {
            listener.tell(user -> user.onLaneOpened(lane));
        }
    }

    public void onPartitionOpened(PartitionMetrics partition) {
        if (listener != null) {
            listener.tell(user -> user.onPartitionOpened(partition));
        }
    }

    public void onPartitionRemoved(String topic, int partition) {
        if (listener != null) {
            listener.tell(user -> user.onPartitionRemoved(topic, partition));
        }
    }

    public void onRebalance(String group, int epoch, int members, int partitions) {
        if (listener != null) {
            listener.tell(user -> user.onRebalance(group, epoch, members, partitions));
        }
        if (isRecorded()) {
            RebalanceEvent.record(group, epoch, members, partitions);
        }
    }

    // ---- a cluster

    public void onClusterOpened(ClusterMetrics cluster) {
        if (listener != null) {
            listener.tell(user -> user.onClusterOpened(cluster));
        }
    }

    public void onLeaderChange(TopicPartition partition, int leaderId, int leaderEpoch) {
        if (listener != null) {
            listener.tell(user -> user.onLeaderChange(partition.topic(), partition.partition(), leaderId, leaderEpoch));
        }
        if (isRecorded()) {
            ClusterEvents.onLeaderChange(partition, leaderId, leaderEpoch);
        }
    }

    public void onInSyncChange(TopicPartition partition, List<Integer> before, List<Integer> inSync) {
        if (listener != null) {
            listener.tell(user -> user.onInSyncChange(partition.topic(), partition.partition(), before, inSync));
        }
        if (isRecorded()) {
            ClusterEvents.onInSyncChange(partition, before, inSync);
        }
    }

    public void onBrokerChange(int brokerId, boolean isActive) {
        if (listener != null) {
            listener.tell(user -> user.onBrokerChange(brokerId, isActive));
        }
        if (isRecorded()) {
            ClusterEvents.onBrokerChange(brokerId, isActive);
        }
    }

    public void onControllerChange(int controllerId, long controllerEpoch) {
        if (listener != null) {
            listener.tell(user -> user.onControllerChange(controllerId, controllerEpoch));
        }
        if (isRecorded()) {
            ClusterEvents.onControllerChange(controllerId, controllerEpoch);
        }
    }

    public void onPeerChange(int brokerId, boolean isConnected) {
        if (listener != null) {
            listener.tell(user -> user.onPeerChange(brokerId, isConnected));
        }
        if (isRecorded()) {
            ClusterEvents.onPeerChange(brokerId, isConnected);
        }
    }

    private static boolean isRecorded() {
        return FlightEvents.HAS_RECORDER && FlightRecorderUse.hasBegun();
    }
}
