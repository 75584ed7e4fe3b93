package io.tidemill.lane;

import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Troubles.Kind;
import io.tidemill.spi.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does for partitions, beside the lanes that write them, what would hold those up. In each duty cycle their logs get what
 * they need soon; and at every check those are compacted whose policy says so, one in a duty cycle. One thread at a time
 * runs the duty cycle; partitions may be added by another.
 */
public final class MaintenanceAgent implements Agent {
    private static final Logger LOG = LoggerFactory.getLogger(MaintenanceAgent.class);

    private final Clock clock;
    private final long checkNs;
    private final List<Partition> partitions = new CopyOnWriteArrayList<>();
    private final List<Partition> compacted = new CopyOnWriteArrayList<>();
    /** Locked while something is done with a partition. */
    private final Object inHand = new Object();

    private long lastCheckNs;
    /** The next one to look at; behind the last one between two checks. */
    private int next = Integer.MAX_VALUE;

    private volatile boolean isRequested;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    public MaintenanceAgent(Clock clock, Duration checkInterval) {
        this.clock = clock;
        this.checkNs = checkInterval.toNanos();
        this.lastCheckNs = clock.nowNs();
    }

    /** Any thread, one at a time. */
    public void addAll(List<Partition> added) {
        partitions.addAll(added);
        onAltered(added);
    }

    /** Looks again whether they are to be compacted. Any thread, one at a time. */
    public void onAltered(List<Partition> altered) {
        compacted.removeAll(altered);
        // Those that are compacted again fail again, if they do.
        altered.forEach(partition -> partition.trouble().end(Kind.COMPACTION));
        altered.stream().filter(Partition::needsKeys).forEach(compacted::add);
    }

    /** Does nothing with them any more when it returns; they are marked as removed, so that is soon. Any thread. */
    public void removeAll(List<Partition> removed) {
        partitions.removeAll(removed);
        compacted.removeAll(removed);
        synchronized (inHand) {
            // what was in hand is not any more
        }
    }

    /** Whether there is something to do that no log asks for. */
    public boolean hasChecks() {
        return !compacted.isEmpty();
    }

    /** Some log has something to do. Any thread. */
    public void request() {
        isRequested = true;
    }

    /** From now on nothing is begun, and what runs ends soon. Any thread. */
    public void stop() {
        stopped = true;
    }

    @Override
    public int doWork() {
        if (stopped) {
            return 0;
        }
        try {
            return maintain() + checkNext();
        } catch (Throwable cause) {
            // It cannot be, so nobody knows what would be next. Its thread may be that of others, and goes on.
            failure = cause;
            stopped = true;
            LOG.error("maintenance stopped", cause);
            return 0;
        }
    }

    /** Why it stopped by itself; null while it did not. Any thread. */
    public @Nullable Throwable failure() {
        return failure;
    }

    private int maintain() {
        if (!isRequested) {
            return 0;
        }
        // First: a log that asks meanwhile is looked at again.
        isRequested = false;
        int work = 0;
        for (Partition partition : partitions) {
            synchronized (inHand) {
                work += !partition.isRemoved() && partition.log().maintain() ? 1 : 0;
            }
        }
        if (work > 0) {
            // Who had something may have more.
            isRequested = true;
        }
        return work;
    }

    private int checkNext() {
        if (next >= compacted.size()) {
            long nowNs = clock.nowNs();
            if (nowNs - lastCheckNs < checkNs) {
                return 0;
            }
            lastCheckNs = nowNs;
            next = 0;
        }
        if (next >= compacted.size()) {
            return 0;
        }
        Partition partition = compacted.get(next++);
        synchronized (inHand) {
            if (!partition.isRemoved() && compact(partition)) {
                next--;
            }
        }
        return 1;
    }

    /** Whether the partition should be the next one again. */
    private boolean compact(Partition partition) {
        try {
            boolean isUnfinished =
                    partition.log().compact(partition.committedAcquire(), () -> stopped || partition.isRemoved());
            partition.trouble().end(Kind.COMPACTION);
            return isUnfinished;
        } catch (TidemillException e) {
            boolean isKnown = partition.trouble().has(Kind.COMPACTION);
            partition.trouble().begin(Kind.COMPACTION, e);
            if (!isKnown) {
                // It is said once.
                LOG.warn("compaction failed, and is tried again: partition={}, reason={}", partition, e.toString());
            } else {
                LOG.debug("compaction failed again: partition={}, reason={}", partition, e.toString());
            }
            return false;
        }
    }

    @Override
    public String roleName() {
        return "tidemill-maintenance";
    }
}
