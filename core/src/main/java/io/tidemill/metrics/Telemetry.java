package io.tidemill.metrics;

import io.tidemill.LaneMetrics;
import io.tidemill.MetricsListener;
import io.tidemill.PartitionMetrics;
import io.tidemill.spi.Clock;
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
        if (FlightEvents.HAS_RECORDER && FlightRecorderUse.hasBegun()) {
            RebalanceEvent.record(group, epoch, members, partitions);
        }
    }
}
