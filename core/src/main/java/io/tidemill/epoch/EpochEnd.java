package io.tidemill.epoch;

import io.tidemill.batch.BatchLayout;

/**
 * Where a leader epoch ends in a log.
 *
 * @param epoch the one that was asked for, or the newest before it that the log has
 * @param endOffset exclusive; {@link #UNKNOWN_OFFSET} where the log knows of no such epoch
 */
public record EpochEnd(int epoch, long endOffset) {
    public static final long UNKNOWN_OFFSET = -1;

    /** The log cannot tell. */
    public static final EpochEnd UNKNOWN = new EpochEnd(BatchLayout.NO_LEADER_EPOCH, UNKNOWN_OFFSET);
}
