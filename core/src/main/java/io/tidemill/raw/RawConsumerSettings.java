package io.tidemill.raw;

import io.tidemill.IsolationLevel;

/**
 * Settings of a {@link RawConsumer}. What a position outside the partition means is not among them: the raw tier says so by an
 * exception, and who uses it knows where to go.
 *
 * @param isolationLevel Kafka's {@code isolation.level}
 * @param checkViews whether a {@link RecordView}, or its buffer, that is used after its time throws an {@link
 *     IllegalStateException} instead of showing other bytes. For tests: it allocates nothing either, but each access costs a
 *     look. Views are used in turn, {@value #CHECKED_VIEWS} of them, so one that was kept is not found out while its own turn
 *     has come again
 */
public record RawConsumerSettings(IsolationLevel isolationLevel, boolean checkViews) {
    /** So many views a consumer hands out in turn where they are checked. */
    public static final int CHECKED_VIEWS = 64;

    /**
     * Uncommitted records too, and no checks.
     *
     * @return the default
     */
    public static RawConsumerSettings defaults() {
        return new RawConsumerSettings(IsolationLevel.READ_UNCOMMITTED, false);
    }

    /**
     * The same with another isolation.
     *
     * @param isolationLevel as in the record
     * @return a copy
     */
    public RawConsumerSettings withIsolationLevel(IsolationLevel isolationLevel) {
        return new RawConsumerSettings(isolationLevel, checkViews);
    }

    /**
     * The same with checks.
     *
     * @return a copy
     */
    public RawConsumerSettings withCheckedViews() {
        return new RawConsumerSettings(isolationLevel, true);
    }
}
