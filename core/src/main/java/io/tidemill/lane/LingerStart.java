package io.tidemill.lane;

import io.tidemill.spi.Clock;

/**
 * When the first record was sent of a batch that lingers: its sender reads the clock, and those behind it need not.
 *
 * <p>A sender marks between claim and commit, and the lane clears when the batch is appended. So a mark is never older than
 * the batch that it is taken for; if it was cleared with the batch in front, the lane takes its own time, which is later.
 */
final class LingerStart {
    private final Clock clock;
    private long markedNs;
    private volatile boolean isMarked;

    LingerStart(Clock clock) {
        this.clock = clock;
    }

    /** Any thread. */
    void mark() {
        if (!isMarked) {
            markedNs = clock.nowNs();
            isMarked = true;
        }
    }

    /** Lane thread, when it has taken the first record. */
    long sinceNs(long takenNs) {
        return isMarked ? markedNs : takenNs;
    }

    /** Lane thread. */
    void clear() {
        isMarked = false;
    }
}
