package io.tidemill;

import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogSettings;
import java.time.Duration;

/**
 * Settings of a topic.
 *
 * @param partitions how many
 * @param maxMessageBytes Kafka's {@code max.message.bytes}: the largest batch, and so an upper bound of a record with
 *     its overhead
 * @param log how the log of each partition is kept: its files, and for how long
 */
public record TopicSettings(int partitions, int maxMessageBytes, LogSettings log) {
    /** Kafka's default of {@code max.message.bytes}. */
    public static final int DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

    private static final int PARTITIONS_MAX = 100_000;
    private static final int MAX_MESSAGE_BYTES_MIN = 1024;
    private static final int SEGMENT_BYTES_MIN = 16 * 1024;

    /** Validates. */
    public TopicSettings {
        if (partitions < 1 || partitions > PARTITIONS_MAX) {
            throw new IllegalArgumentException(
                    "partitions must be from 1 to " + PARTITIONS_MAX + ": partitions=" + partitions);
        }
        if (maxMessageBytes < MAX_MESSAGE_BYTES_MIN) {
            throw new IllegalArgumentException("max.message.bytes must be at least " + MAX_MESSAGE_BYTES_MIN
                    + ": max.message.bytes=" + maxMessageBytes);
        }
        if (log.segmentBytes() < SEGMENT_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "segment.bytes must be at least " + SEGMENT_BYTES_MIN + ": segment.bytes=" + log.segmentBytes());
        }
    }

    /**
     * That many partitions, and defaults.
     *
     * @param partitions at least 1
     * @return settings
     */
    public static TopicSettings partitions(int partitions) {
        return new TopicSettings(partitions, DEFAULT_MAX_MESSAGE_BYTES, LogSettings.defaults());
    }

    /**
     * The same with another limit.
     *
     * @param maxMessageBytes as in the record
     * @return a copy
     */
    public TopicSettings withMaxMessageBytes(int maxMessageBytes) {
        return new TopicSettings(partitions, maxMessageBytes, log);
    }

    /**
     * The same with files of another size.
     *
     * @param segmentBytes as in {@link LogSettings}, at least 16 KiB
     * @return a copy
     */
    public TopicSettings withSegmentBytes(long segmentBytes) {
        return withLog(log.withSegmentBytes(segmentBytes));
    }

    /**
     * The same with files of another age.
     *
     * @param age how long a file is appended to, at least a millisecond
     * @return a copy
     */
    public TopicSettings withSegmentAge(Duration age) {
        return withLog(log.withSegmentMs(age.toMillis()));
    }

    /**
     * The same, keeping records for another time.
     *
     * @param age at least 0
     * @return a copy
     */
    public TopicSettings withRetention(Duration age) {
        return withLog(log.withRetentionMs(age.toMillis()));
    }

    /**
     * The same, keeping another amount.
     *
     * @param retentionBytes as in {@link LogSettings}
     * @return a copy
     */
    public TopicSettings withRetentionBytes(long retentionBytes) {
        return withLog(log.withRetentionBytes(retentionBytes));
    }

    /**
     * The same, keeping everything for ever.
     *
     * @return a copy
     */
    public TopicSettings withUnlimitedRetention() {
        return withLog(log.withRetentionMs(LogSettings.UNLIMITED).withRetentionBytes(LogSettings.UNLIMITED));
    }

    /**
     * The same with other flushes.
     *
     * @param flush when records are made to survive a crash of the machine
     * @return a copy
     */
    public TopicSettings withFlush(FlushSettings flush) {
        return withLog(log.withFlush(flush));
    }

    /**
     * The same with another cleanup. A topic that compacts takes no record without a key.
     *
     * @param cleanup what becomes of records that are not needed any more
     * @return a copy
     */
    public TopicSettings withCleanup(CleanupSettings cleanup) {
        return withLog(log.withCleanup(cleanup));
    }

    /**
     * The same with logs that are kept otherwise.
     *
     * @param log as in the record
     * @return a copy
     */
    public TopicSettings withLog(LogSettings log) {
        return new TopicSettings(partitions, maxMessageBytes, log);
    }
}
