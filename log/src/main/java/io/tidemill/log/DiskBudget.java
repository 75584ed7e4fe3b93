package io.tidemill.log;

/**
 * How much the records of all topics together may take on disk, and what happens when that is used up. What a log reserves
 * ahead of its records, a megabyte at most for each partition that is written to, comes on top of it, and a few kilobytes
 * for each partition.
 *
 * @param bytes the limit
 * @param deletesOldest whether the oldest records of all topics make room, in whole files; otherwise records are refused
 */
public record DiskBudget(long bytes, boolean deletesOldest) {
    /** Validates. */
    public DiskBudget {
        if (bytes < 1) {
            throw new IllegalArgumentException("disk budget must be at least 1 byte: bytes=" + bytes);
        }
    }

    /**
     * The oldest records make room for new ones: a file at a time, of the topic whose oldest file has the oldest records. A
     * file that is still written to stays, so the budget should be several times {@code segment.bytes} for each partition.
     * Topics that keep everything, or only compact, lose nothing; if nothing else is left, records are refused.
     *
     * @param bytes the limit
     * @return a budget
     */
    public static DiskBudget deletingOldest(long bytes) {
        return new DiskBudget(bytes, true);
    }

    /**
     * Records are refused with a {@link io.tidemill.errors.StorageException} until retention has made room.
     *
     * @param bytes the limit
     * @return a budget
     */
    public static DiskBudget refusingWrites(long bytes) {
        return new DiskBudget(bytes, false);
    }
}
