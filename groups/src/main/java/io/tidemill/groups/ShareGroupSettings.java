package io.tidemill.groups;

import io.tidemill.AutoOffsetReset;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a member of a share group. Those but the first three are the group's: the ones of the member that joined last count.
 *
 * @param acknowledgementMode what becomes of records of which the member says nothing
 * @param maxPollRecords Kafka's {@code max.poll.records}: {@link ShareGroup#poll} gives no more at once
 * @param autoOffsetReset Kafka's {@code share.auto.offset.reset}: where a group begins that has never shared the topic. The default is
 *     {@code earliest}, and not {@code latest} as Kafka's, as everywhere in Tidemill; {@code none} makes no sense here
 * @param lockDuration Kafka's {@code share.record.lock.duration.ms}: for how long a record is a member's. When it has said nothing
 *     by then, others get it
 * @param deliveryCountLimit Kafka's {@code share.delivery.count.limit}: a record that was delivered so often, and is released or
 *     times out then, is given to nobody any more
 * @param recordLocksMax Kafka's {@code share.partition.max.record.locks}: so many records of a partition may lie between the first one
 *     that is not done and the last one that was given out; 10,000 at most
 * @param deadLetterTopic where copies go of records that were rejected, or delivered as often as they may be, with the headers of
 *     {@link io.tidemill.DeadLetterHeaders}; null for nowhere
 */
public record ShareGroupSettings(
        AcknowledgementMode acknowledgementMode,
        int maxPollRecords,
        AutoOffsetReset autoOffsetReset,
        Duration lockDuration,
        int deliveryCountLimit,
        int recordLocksMax,
        @Nullable String deadLetterTopic) {
    /** What is kept of a partition is one record of a topic, and must not grow out of it. */
    private static final int RECORD_LOCKS_MAX = 10_000;

    /** Longer than any work on a record, short enough to be added to a clock's reading. */
    private static final Duration LOCK_DURATION_MAX = Duration.ofDays(365);

    /** Validates. */
    public ShareGroupSettings {
        requireWithin("max.poll.records", maxPollRecords, Integer.MAX_VALUE);
        requireWithin("share.delivery.count.limit", deliveryCountLimit, Integer.MAX_VALUE);
        requireWithin("share.partition.max.record.locks", recordLocksMax, RECORD_LOCKS_MAX);
        if (lockDuration.isNegative() || lockDuration.isZero() || lockDuration.compareTo(LOCK_DURATION_MAX) > 0) {
            throw new IllegalArgumentException("share.record.lock.duration.ms must be positive, and "
                    + LOCK_DURATION_MAX + " at most: share.record.lock.duration.ms=" + lockDuration);
        }
        if (autoOffsetReset == AutoOffsetReset.none()) {
            throw new IllegalArgumentException(
                    "members of a share group cannot seek: share.auto.offset.reset=" + autoOffsetReset);
        }
        if (deadLetterTopic != null && deadLetterTopic.isEmpty()) {
            throw new IllegalArgumentException("the name of the dead-letter topic must not be empty");
        }
    }

    private static void requireWithin(String name, int value, int max) {
        if (value < 1 || value > max) {
            throw new IllegalArgumentException(name + " must be from 1 to " + max + ": " + name + "=" + value);
        }
    }

    /**
     * Kafka's: implicit acknowledgement, up to 500 records at once, locked for 30 s, delivered 5 times at most, 2,000 of a
     * partition under way, and no dead letters. But a group begins with the first record.
     *
     * @return the default
     */
    public static ShareGroupSettings defaults() {
        return new ShareGroupSettings(
                AcknowledgementMode.IMPLICIT, 500, AutoOffsetReset.earliest(), Duration.ofSeconds(30), 5, 2_000, null);
    }

    /**
     * The same with another mode.
     *
     * @param acknowledgementMode as in the record
     * @return a copy
     */
    public ShareGroupSettings withAcknowledgementMode(AcknowledgementMode acknowledgementMode) {
        return new ShareGroupSettings(
                acknowledgementMode,
                maxPollRecords,
                autoOffsetReset,
                lockDuration,
                deliveryCountLimit,
                recordLocksMax,
                deadLetterTopic);
    }

    /**
     * The same with another limit.
     *
     * @param maxPollRecords as in the record
     * @return a copy
     */
    public ShareGroupSettings withMaxPollRecords(int maxPollRecords) {
        return new ShareGroupSettings(
                acknowledgementMode,
                maxPollRecords,
                autoOffsetReset,
                lockDuration,
                deliveryCountLimit,
                recordLocksMax,
                deadLetterTopic);
    }

    /**
     * The same with another place to begin at.
     *
     * @param autoOffsetReset as in the record
     * @return a copy
     */
    public ShareGroupSettings withAutoOffsetReset(AutoOffsetReset autoOffsetReset) {
        return new ShareGroupSettings(
                acknowledgementMode,
                maxPollRecords,
                autoOffsetReset,
                lockDuration,
                deliveryCountLimit,
                recordLocksMax,
                deadLetterTopic);
    }

    /**
     * The same with another time for which a record is a member's.
     *
     * @param lockDuration as in the record
     * @return a copy
     */
    public ShareGroupSettings withLockDuration(Duration lockDuration) {
        return new ShareGroupSettings(
                acknowledgementMode,
                maxPollRecords,
                autoOffsetReset,
                lockDuration,
                deliveryCountLimit,
                recordLocksMax,
                deadLetterTopic);
    }

    /**
     * The same with another number of deliveries.
     *
     * @param deliveryCountLimit as in the record
     * @return a copy
     */
    public ShareGroupSettings withDeliveryCountLimit(int deliveryCountLimit) {
        return new ShareGroupSettings(
                acknowledgementMode,
                maxPollRecords,
                autoOffsetReset,
                lockDuration,
                deliveryCountLimit,
                recordLocksMax,
                deadLetterTopic);
    }

    /**
     * The same with another number of records under way.
     *
     * @param recordLocksMax as in the record
     * @return a copy
     */
    public ShareGroupSettings withRecordLocksMax(int recordLocksMax) {
        return new ShareGroupSettings(
                acknowledgementMode,
                maxPollRecords,
                autoOffsetReset,
                lockDuration,
                deliveryCountLimit,
                recordLocksMax,
                deadLetterTopic);
    }

    /**
     * The same with a topic for dead letters.
     *
     * @param deadLetterTopic as in the record
     * @return a copy
     */
    public ShareGroupSettings withDeadLetterTopic(String deadLetterTopic) {
        return new ShareGroupSettings(
                acknowledgementMode,
                maxPollRecords,
                autoOffsetReset,
                lockDuration,
                deliveryCountLimit,
                recordLocksMax,
                deadLetterTopic);
    }
}
