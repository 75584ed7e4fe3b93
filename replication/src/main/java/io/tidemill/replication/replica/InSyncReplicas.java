package io.tidemill.replication.replica;

import io.tidemill.replication.controller.ClusterRequest.IsrChange;

/** Asks the controller to change which replicas of a partition are in sync. */
@FunctionalInterface
public interface InSyncReplicas {
    /** It does so, and then the partition's state says it, or {@link Replicas#onIsrRefused} is called, however late, or both. */
    void change(IsrChange change);
}
