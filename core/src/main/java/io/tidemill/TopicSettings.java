package io.tidemill;

import io.tidemill.spi.LogSettings;
import java.time.Duration;

/**
 * Settings of a topic.
 *
 * @param partitions how many
 * @param maxMessageBytes Kafka's {@code max.message.bytes}: the largest batch, and so an upper bound of a record with
 *     its overhead
 * @param segmentBytes Kafka's {@code segment.bytes}: a partition's file that would become larger is sealed, and the next
 *     one begun
 * @param segmentMs Kafka's {@code segment.ms}: a file that has been appended to for so many milliseconds is sealed
 * @param retentionMs Kafka's {@code retention.ms}: a file whose newest record is older is deleted; −1 for never
 * @param retentionBytes Kafka's {@code retention.bytes}: the oldest file of a partition is deleted when those behind it hold
 *     so much; −1 for never
 */
public record TopicSettings(
        int partitions, int maxMessageBytes, long segmentBytes, long segmentMs, long retentionMs, long retentionBytes) {
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
        if (segmentBytes < SEGMENT_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "segment.bytes must be at least " + SEGMENT_BYTES_MIN + ": segment.bytes=" + segmentBytes);
        }
        if (segmentMs < 1) {
            throw new IllegalArgumentException("segment.ms must be at least 1: segment.ms=" + segmentMs);
        }
        if (retentionMs < LogSettings.UNLIMITED || retentionBytes < LogSettings.UNLIMITED) {
            throw new IllegalArgumentException("retention.ms and retention.bytes must be at least -1: retention.ms="
                    + retentionMs + ", retention.bytes=" + retentionBytes);
        }
    }

    /**
     * That many partitions, and defaults.
     *
     * @param partitions at least 1
     * @return settings
     */
    public static TopicSettings partitions(int partitions) {
        return new TopicSettings(
                partitions,
                DEFAULT_MAX_MESSAGE_BYTES,
                LogSettings.DEFAULT_SEGMENT_BYTES,
                LogSettings.DEFAULT_SEGMENT_MS,
                LogSettings.DEFAULT_RETENTION_MS,
                LogSettings.DEFAULT_RETENTION_BYTES);
    }

    /**
     * The same with another limit.
     *
     * @param maxMessageBytes as in the record
     * @return a copy
     */
    public TopicSettings withMaxMessageBytes(int maxMessageBytes) {
        return new TopicSettings(partitions, maxMessageBytes, segmentBytes, segmentMs, retentionMs, retentionBytes);
    }

    /**
     * The same with files of another size.
     *
     * @param segmentBytes as in the record, at least 16 KiB
     * @return a copy
     */
    public TopicSettings withSegmentBytes(long segmentBytes) {
        return new TopicSettings(partitions, maxMessageBytes, segmentBytes, segmentMs, retentionMs, retentionBytes);
    }

    /**
     * The same with files of another age.
     *
     * @param age how long a file is appended to, at least a millisecond
     * @return a copy
     */
    public TopicSettings withSegmentAge(Duration age) {
        return new TopicSettings(
                partitions, maxMessageBytes, segmentBytes, age.toMillis(), retentionMs, retentionBytes);
    }

    /**
     * The same, keeping records for another time.
     *
     * @param age at least 0
     * @return a copy
     */
    public TopicSettings withRetention(Duration age) {
        return new TopicSettings(partitions, maxMessageBytes, segmentBytes, segmentMs, age.toMillis(), retentionBytes);
    }

    /**
     * The same, keeping another amount.
     *
     * @param retentionBytes as in the record
     * @return a copy
     */
    public TopicSettings withRetentionBytes(long retentionBytes) {
        return new TopicSettings(partitions, maxMessageBytes, segmentBytes, segmentMs, retentionMs, retentionBytes);
    }

    /**
     * The same, keeping everything for ever.
     *
     * @return a copy
     */
    public TopicSettings withUnlimitedRetention() {
        return new TopicSettings(
                partitions, maxMessageBytes, segmentBytes, segmentMs, LogSettings.UNLIMITED, LogSettings.UNLIMITED);
    }
}
