package io.tidemill.spi;

/**
 * How a log is kept. May be others each time that the log is opened.
 *
 * @param segmentBytes Kafka's {@code segment.bytes}: a file that would become larger is sealed, and the next one begun
 * @param segmentMs Kafka's {@code segment.ms}: a file that has been appended to for so long is sealed by the next append;
 *     counted on the broker's clock, and anew when the log is opened
 */
public record LogSettings(long segmentBytes, long segmentMs) {
    /** Kafka's default of {@code segment.bytes}. */
    public static final long DEFAULT_SEGMENT_BYTES = 1024 * 1024 * 1024;
    /** Kafka's default of {@code segment.ms}: seven days. */
    public static final long DEFAULT_SEGMENT_MS = 7 * 24 * 60 * 60 * 1000L;

    /** Validates. */
    public LogSettings {
        if (segmentBytes < 1 || segmentMs < 1) {
            throw new IllegalArgumentException("segment.bytes and segment.ms must be at least 1: segment.bytes="
                    + segmentBytes + ", segment.ms=" + segmentMs);
        }
    }

    /**
     * What Kafka would do.
     *
     * @return settings
     */
    public static LogSettings defaults() {
        return new LogSettings(DEFAULT_SEGMENT_BYTES, DEFAULT_SEGMENT_MS);
    }

    /**
     * The same with another size.
     *
     * @param segmentBytes as in the record
     * @return a copy
     */
    public LogSettings withSegmentBytes(long segmentBytes) {
        return new LogSettings(segmentBytes, segmentMs);
    }

    /**
     * The same with another time.
     *
     * @param segmentMs as in the record
     * @return a copy
     */
    public LogSettings withSegmentMs(long segmentMs) {
        return new LogSettings(segmentBytes, segmentMs);
    }
}
