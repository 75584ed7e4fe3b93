package io.tidemill.lane;

import io.tidemill.errors.TidemillException;
import io.tidemill.spi.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.concurrent.Agent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts partitions: at every check all of them, one in a duty cycle, beside the lanes that write them. One thread at a
 * time runs the duty cycle; partitions may be added by another.
 */
public final class CompactionAgent implements Agent {
    private static final Logger LOG = LoggerFactory.getLogger(CompactionAgent.class);

    private final Clock clock;
    private final long checkNs;
    private final List<Partition> partitions = new CopyOnWriteArrayList<>();
    private long lastCheckNs;
    /** The next one to look at; behind the last one between two checks. */
    private int next = Integer.MAX_VALUE;
    /** Those whose last try failed: it is said once. */
    private final Set<Partition> failing = new HashSet<>();

    private volatile boolean stopped;

    public CompactionAgent(Clock clock, Duration checkInterval) {
        this.clock = clock;
        this.checkNs = checkInterval.toNanos();
        this.lastCheckNs = clock.nowNs();
    }

    /** Any thread. */
    public void add(Partition partition) {
        partitions.add(partition);
    }

    /** Whether there is nothing to look at. */
    public boolean isEmpty() {
        return partitions.isEmpty();
    }

    /** From now on nothing is begun, and what runs ends soon. Any thread. */
    public void stop() {
        stopped = true;
    }

    @Override
    public int doWork() {
        if (next >= partitions.size()) {
            long nowNs = clock.nowNs();
            if (nowNs - lastCheckNs < checkNs) {
                return 0;
            }
            lastCheckNs = nowNs;
            next = 0;
        }
        if (stopped || partitions.isEmpty()) {
            return 0;
        }
        Partition partition = partitions.get(next++);
        if (compact(partition)) {
            next--;
        }
        return 1;
    }

    /** Whether the partition should be the next one again. */
    private boolean compact(Partition partition) {
        try {
            boolean isUnfinished = partition.log().compact(partition.committedAcquire(), () -> stopped);
            failing.remove(partition);
            return isUnfinished;
        } catch (TidemillException e) {
            if (failing.add(partition)) {
                LOG.warn("compaction failed, and is tried again: partition={}, reason={}", partition, e.toString());
            } else {
                LOG.debug("compaction failed again: partition={}, reason={}", partition, e.toString());
            }
            return false;
        }
    }

    @Override
    public String roleName() {
        return "tidemill-cleaner";
    }
}
