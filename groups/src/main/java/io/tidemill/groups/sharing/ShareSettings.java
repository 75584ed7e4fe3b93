package io.tidemill.groups.sharing;

/**
 * How a group shares the records of a partition.
 *
 * @param lockDurationNs Kafka's {@code group.share.record.lock.duration.ms}: for how long a record is a member's
 * @param deliveryCountLimit Kafka's {@code group.share.delivery.count.limit}: a record that was delivered so often, and is not
 *     accepted then, is a dead letter
 * @param recordLocksMax Kafka's {@code group.share.partition.max.record.locks}: so many records may lie between the first one
 *     that is not done and the last one that was given out. It bounds what is kept of a partition
 */
public record ShareSettings(long lockDurationNs, int deliveryCountLimit, int recordLocksMax) {
    /** As in Kafka. */
    public static final ShareSettings DEFAULTS = new ShareSettings(30_000_000_000L, 5, 2_000);

    public ShareSettings {
        if (lockDurationNs <= 0 || deliveryCountLimit <= 0 || recordLocksMax <= 0) {
            throw new IllegalArgumentException("settings of sharing must be positive: lockDurationNs=" + lockDurationNs
                    + ", deliveryCountLimit=" + deliveryCountLimit + ", recordLocksMax=" + recordLocksMax);
        }
    }
}
