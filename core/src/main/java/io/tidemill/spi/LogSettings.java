package io.tidemill.spi;

/**
 * How a log is kept. May be others at any time, see {@link PartitionLog#alter}.
 *
 * @param segmentBytes Kafka's {@code segment.bytes}: a file that would become larger is sealed, and the next one begun
 * @param segmentMs Kafka's {@code segment.ms}: a file that has been appended to for so long is sealed by the next append;
 *     counted on the broker's clock, and anew when the log is opened
 * @param retentionMs Kafka's {@code retention.ms}: a file whose newest record is older may be deleted; {@link #UNLIMITED}
 *     for never
 * @param retentionBytes Kafka's {@code retention.bytes}: as long as the files behind it hold so much, the oldest one may be
 *     deleted; {@link #UNLIMITED} for never
 * @param flush when it is made to survive a crash of the machine
 * @param cleanup what becomes of records that are not needed any more; the retention counts only if it deletes
 */
public record LogSettings(
        long segmentBytes,
        long segmentMs,
        long retentionMs,
        long retentionBytes,
        FlushSettings flush,
        CleanupSettings cleanup) {
    /** No limit. */
    public static final long UNLIMITED = -1;

    /** Kafka's default of {@code segment.bytes}. */
    public static final long DEFAULT_SEGMENT_BYTES = 1024 * 1024 * 1024;
    /** Kafka's default of {@code segment.ms}: seven days. */
    public static final long DEFAULT_SEGMENT_MS = 7 * 24 * 60 * 60 * 1000L;
    /** Kafka's default of {@code retention.ms}: seven days. */
    public static final long DEFAULT_RETENTION_MS = 7 * 24 * 60 * 60 * 1000L;
    /** Kafka's default of {@code retention.bytes}. */
    public static final long DEFAULT_RETENTION_BYTES = UNLIMITED;

    /** Validates. */
    public LogSettings {
        if (segmentBytes < 1 || segmentMs < 1) {
            throw new IllegalArgumentException("segment.bytes and segment.ms must be at least 1: segment.bytes="
                    + segmentBytes + ", segment.ms=" + segmentMs);
        }
        if (retentionMs < UNLIMITED || retentionBytes < UNLIMITED) {
            throw new IllegalArgumentException("retention.ms and retention.bytes must be at least -1: retention.ms="
                    + retentionMs + ", retention.bytes=" + retentionBytes);
        }
    }

    /**
     * What Kafka would do.
     *
     * @return settings
     */
    public static LogSettings defaults() {
        return new LogSettings(
                DEFAULT_SEGMENT_BYTES,
                DEFAULT_SEGMENT_MS,
                DEFAULT_RETENTION_MS,
                DEFAULT_RETENTION_BYTES,
                FlushSettings.NEVER,
                CleanupSettings.of(CleanupPolicy.DELETE));
    }

    /**
     * The same with another size.
     *
     * @param segmentBytes as in the record
     * @return a copy
     */
    public LogSettings withSegmentBytes(long segmentBytes) {
        return new LogSettings(segmentBytes, segmentMs, retentionMs, retentionBytes, flush, cleanup);
    }

    /**
     * The same with another time.
     *
     * @param segmentMs as in the record
     * @return a copy
     */
    public LogSettings withSegmentMs(long segmentMs) {
        return new LogSettings(segmentBytes, segmentMs, retentionMs, retentionBytes, flush, cleanup);
    }

    /**
     * The same with another age.
     *
     * @param retentionMs as in the record
     * @return a copy
     */
    public LogSettings withRetentionMs(long retentionMs) {
        return new LogSettings(segmentBytes, segmentMs, retentionMs, retentionBytes, flush, cleanup);
    }

    /**
     * The same with another size.
     *
     * @param retentionBytes as in the record
     * @return a copy
     */
    public LogSettings withRetentionBytes(long retentionBytes) {
        return new LogSettings(segmentBytes, segmentMs, retentionMs, retentionBytes, flush, cleanup);
    }

    /**
     * The same with other flushes.
     *
     * @param flush as in the record
     * @return a copy
     */
    public LogSettings withFlush(FlushSettings flush) {
        return new LogSettings(segmentBytes, segmentMs, retentionMs, retentionBytes, flush, cleanup);
    }

    /**
     * The same with another cleanup.
     *
     * @param cleanup as in the record
     * @return a copy
     */
    public LogSettings withCleanup(CleanupSettings cleanup) {
        return new LogSettings(segmentBytes, segmentMs, retentionMs, retentionBytes, flush, cleanup);
    }

    /**
     * Whether a file may be deleted for its age.
     *
     * @param newestMs the time of its newest record
     * @param nowMs the broker's time
     * @return whether that is too long ago
     */
    public boolean isTooOld(long newestMs, long nowMs) {
        return cleanup.policy().deletes() && retentionMs != UNLIMITED && nowMs - newestMs > retentionMs;
    }

    /**
     * Whether files are ever deleted, or all is kept for ever.
     *
     * @return whether they are
     */
    public boolean deletesAnything() {
        return cleanup.policy().deletes() && (retentionMs != UNLIMITED || retentionBytes != UNLIMITED);
    }

    /**
     * Whether the oldest file may be deleted for the log's size.
     *
     * @param bytesBehind what the files behind it hold
     * @return whether that is enough
     */
    public boolean isEnough(long bytesBehind) {
        return cleanup.policy().deletes() && retentionBytes != UNLIMITED && bytesBehind >= retentionBytes;
    }
}
