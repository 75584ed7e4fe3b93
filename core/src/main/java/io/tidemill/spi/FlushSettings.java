package io.tidemill.spi;

/**
 * When what was appended is made to survive a crash of the machine. Without any of it, the operating system writes it down
 * when it likes, and a sealed file is flushed.
 *
 * @param messages Kafka's {@code flush.messages}: the batch that brings so many records since the last flush is answered
 *     after the next one; 1 for every batch; {@link LogSettings#UNLIMITED} for never
 * @param ms Kafka's {@code flush.ms}: a record is flushed so long after it was appended; {@link LogSettings#UNLIMITED} for
 *     never
 */
public record FlushSettings(long messages, long ms) {
    /** Leaves it to the operating system. */
    public static final FlushSettings NEVER = new FlushSettings(LogSettings.UNLIMITED, LogSettings.UNLIMITED);
    /** No batch is answered before it is flushed. Those who wait at the same time share a flush. */
    public static final FlushSettings EVERY_BATCH = new FlushSettings(1, LogSettings.UNLIMITED);

    /** Validates. */
    public FlushSettings {
        if (messages != LogSettings.UNLIMITED && messages < 1) {
            throw new IllegalArgumentException(
                    "flush.messages must be at least 1, or -1 for never: flush.messages=" + messages);
        }
        if (ms != LogSettings.UNLIMITED && ms < 1) {
            throw new IllegalArgumentException("flush.ms must be at least 1, or -1 for never: flush.ms=" + ms);
        }
    }

    /**
     * Whether a batch must be flushed before it is answered.
     *
     * @param unflushed how many records were appended since the last flush, the batch included
     * @return whether that is enough
     */
    public boolean isDue(long unflushed) {
        return messages != LogSettings.UNLIMITED && unflushed >= messages;
    }

    /**
     * Whether a record has waited long enough.
     *
     * @param ageMs how long ago the oldest one that is not flushed was appended
     * @return whether that is too long
     */
    public boolean isTooLate(long ageMs) {
        return ms != LogSettings.UNLIMITED && ageMs >= ms;
    }
}
