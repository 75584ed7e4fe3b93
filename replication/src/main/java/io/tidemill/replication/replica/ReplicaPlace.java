package io.tidemill.replication.replica;

import io.tidemill.lane.Partition;
import io.tidemill.replication.controller.PartitionId;
import java.util.function.LongSupplier;

/**
 * Where a replica is, and whom it can speak to.
 *
 * @param selfEpoch of the broker, or {@link #NOT_REGISTERED}
 */
record ReplicaPlace(
        PartitionId id,
        int selfId,
        LongSupplier selfEpoch,
        Partition partition,
        ReplicaSender sender,
        ReplicaSettings settings,
        InSyncReplicas inSync,
        ReplicaGauges gauges) {
    static final long NOT_REGISTERED = -1;

    boolean isRegistered() {
        return selfEpoch.getAsLong() != NOT_REGISTERED;
    }
}
