package io.tidemill.lane;

import io.tidemill.spi.Clock;

/**
 * Looks at partitions that another broker writes: some of them at a time, and at most once in a while if nothing comes, so
 * that a thousand idle ones cost little. Owned by the lane thread.
 */
final class FollowRound {
    private static final int PARTITIONS_PER_CYCLE_MAX = 16;
    private static final long INTERVAL_NS = 1_000_000;

    private final Clock clock;
    private long lastNs;
    private int next;

    FollowRound(Clock clock) {
        this.clock = clock;
        this.lastNs = clock.nowNs();
    }

    /** Answers in how many of them there was something. */
    int follow(PartitionWriter[] all) {
        if (clock.nowNs() - lastNs < INTERVAL_NS) {
            return 0;
        }
        int moved = 0;
        for (int i = Math.min(all.length, PARTITIONS_PER_CYCLE_MAX); i > 0; i--) {
            next = (next + 1) % all.length;
            moved += all[next].log().follow() ? 1 : 0;
        }
        if (moved == 0) {
            lastNs = clock.nowNs();
        }
        return moved;
    }
}
