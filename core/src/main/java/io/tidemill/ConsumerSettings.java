package io.tidemill;

import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link Consumer}.
 *
 * @param autoOffsetReset Kafka's {@code auto.offset.reset}. The default is {@code earliest}, and not {@code latest} as Kafka's:
 *     without a group nobody has read anything before, and an application that reads its own log wants all of it
 * @param maxPollRecords Kafka's {@code max.poll.records}: {@link Consumer#poll} gives no more at once
 * @param isolationLevel Kafka's {@code isolation.level}
 * @param partitionEofListener is told each time the end of a partition is reached, and not again until new data came; null if
 *     nobody wants to know. What librdkafka calls {@code enable.partition.eof}
 */
public record ConsumerSettings(
        AutoOffsetReset autoOffsetReset,
        int maxPollRecords,
        IsolationLevel isolationLevel,
        @Nullable PartitionEofListener partitionEofListener) {
    private static final int DEFAULT_MAX_POLL_RECORDS = 500;

    /** Validates. */
    public ConsumerSettings {
        if (maxPollRecords < 1) {
            throw new IllegalArgumentException("max.poll.records must be positive: max.poll.records=" + maxPollRecords);
        }
    }

    /**
     * From the first record, up to 500 at once, uncommitted ones too, and nobody is told of ends.
     *
     * @return the default
     */
    public static ConsumerSettings defaults() {
        return new ConsumerSettings(
                AutoOffsetReset.earliest(), DEFAULT_MAX_POLL_RECORDS, IsolationLevel.READ_UNCOMMITTED, null);
    }

    /**
     * The same with another place to begin at.
     *
     * @param autoOffsetReset as in the record
     * @return a copy
     */
    public ConsumerSettings withAutoOffsetReset(AutoOffsetReset autoOffsetReset) {
        return new ConsumerSettings(autoOffsetReset, maxPollRecords, isolationLevel, partitionEofListener);
    }

    /**
     * The same with another limit.
     *
     * @param maxPollRecords as in the record
     * @return a copy
     */
    public ConsumerSettings withMaxPollRecords(int maxPollRecords) {
        return new ConsumerSettings(autoOffsetReset, maxPollRecords, isolationLevel, partitionEofListener);
    }

    /**
     * The same with another isolation.
     *
     * @param isolationLevel as in the record
     * @return a copy
     */
    public ConsumerSettings withIsolationLevel(IsolationLevel isolationLevel) {
        return new ConsumerSettings(autoOffsetReset, maxPollRecords, isolationLevel, partitionEofListener);
    }

    /**
     * The same, telling somebody of ends.
     *
     * @param listener as in the record
     * @return a copy
     */
    public ConsumerSettings withPartitionEofListener(PartitionEofListener listener) {
        return new ConsumerSettings(autoOffsetReset, maxPollRecords, isolationLevel, listener);
    }
}
