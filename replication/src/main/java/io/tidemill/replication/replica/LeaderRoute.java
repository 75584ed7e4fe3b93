package io.tidemill.replication.replica;

import org.agrona.MutableDirectBuffer;

/** The way to the leader of a partition, wherever that is. */
@FunctionalInterface
interface LeaderRoute {
    /** Hands a batch over, which lies at index 0; false when it cannot be now. */
    boolean append(MutableDirectBuffer batch, boolean awaitsCommit, long expectedOffset);
}
