package io.tidemill.replication.replica;

import io.tidemill.errors.NetworkException;
import io.tidemill.lane.Partition;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How a caller waits for what the leader of a partition says.
 *
 * @param timeout for how long
 */
public record LeaderWait(CallerWait callerWait, Duration timeout) {
    /** Waits until it is known how far the partition may be read. Any thread but the broker's own. */
    public void awaitCaughtUp(Partition partition) {
        await(partition, () -> partition.isCaughtUp() || partition.isRemoved(), callerWait.newWakeup());
        partition.requireThere();
    }

    /**
     * Waits until the condition holds, which changes with what the leader says.
     *
     * @throws NetworkException when it does not in time
     */
    void await(Partition partition, BooleanSupplier condition, Wakeup wakeup) {
        callerWait.requireMayWait();
        partition.addWaiting(wakeup);
        try {
            if (!callerWait.until(condition, timeout, wakeup)) {
                callerWait.requireOpen();
                throw new NetworkException(
                        "the partition's leader has not answered, try again: partition=" + partition + ", timeout="
                                + timeout,
                        null);
            }
        } finally {
            partition.removeWaiting(wakeup);
        }
    }
}
