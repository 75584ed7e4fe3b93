package io.tidemill.spi;

/**
 * What becomes of records that are not needed any more. Compaction looks at sealed files only: the one that is appended to
 * stays as it is until it is full, or old enough for {@code segment.ms}.
 *
 * @param policy Kafka's {@code cleanup.policy}
 * @param minCleanableDirtyRatio Kafka's {@code min.cleanable.dirty.ratio}: a log is compacted when that share of its sealed
 *     files has not been yet; from 0 to 1
 * @param minCompactionLagMs Kafka's {@code min.compaction.lag.ms}: how long a record stays before it may be compacted away
 * @param deleteRetentionMs Kafka's {@code delete.retention.ms}: how long a tombstone, a record without a value, stays to be
 *     seen after what it hides was compacted away
 */
public record CleanupSettings(
        CleanupPolicy policy, double minCleanableDirtyRatio, long minCompactionLagMs, long deleteRetentionMs) {
    /** Kafka's default of {@code min.cleanable.dirty.ratio}. */
    public static final double DEFAULT_MIN_CLEANABLE_DIRTY_RATIO = 0.5;
    /** Kafka's default of {@code min.compaction.lag.ms}. */
    public static final long DEFAULT_MIN_COMPACTION_LAG_MS = 0;
    /** Kafka's default of {@code delete.retention.ms}: a day. */
    public static final long DEFAULT_DELETE_RETENTION_MS = 24 * 60 * 60 * 1000L;

    /** Validates. */
    public CleanupSettings {
        if (!(minCleanableDirtyRatio >= 0 && minCleanableDirtyRatio <= 1)) {
            throw new IllegalArgumentException(
                    "min.cleanable.dirty.ratio must be from 0 to 1: min.cleanable.dirty.ratio="
                            + minCleanableDirtyRatio);
        }
        if (minCompactionLagMs < 0 || deleteRetentionMs < 0) {
            throw new IllegalArgumentException(
                    "min.compaction.lag.ms and delete.retention.ms must not be negative: min.compaction.lag.ms="
                            + minCompactionLagMs + ", delete.retention.ms=" + deleteRetentionMs);
        }
    }

    /**
     * What Kafka would do.
     *
     * @param policy which records go
     * @return settings
     */
    public static CleanupSettings of(CleanupPolicy policy) {
        return new CleanupSettings(
                policy, DEFAULT_MIN_CLEANABLE_DIRTY_RATIO, DEFAULT_MIN_COMPACTION_LAG_MS, DEFAULT_DELETE_RETENTION_MS);
    }
}
