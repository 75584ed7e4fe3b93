package io.tidemill.compaction;

/**
 * Batches that are sealed together: a file, or what stands for one.
 *
 * @param endOffset exclusive; the next run begins there
 * @param bytes what it takes
 * @param maxTimestamp of its newest record, or of one that went since
 * @param deleteHorizonMs from when on the first of its tombstones may go; {@code BatchLayout.NO_DELETE_HORIZON} if none may
 */
public record SealedRun(long baseOffset, long endOffset, long bytes, long maxTimestamp, long deleteHorizonMs) {
    /** Whether the other's offsets are all between this one's. */
    public boolean covers(SealedRun other) {
        return other.baseOffset >= baseOffset && other.endOffset <= endOffset;
    }
}
