package io.tidemill.raw;

import java.time.Duration;

/**
 * Reads one partition without allocating: a callback over views of the records. Used by one thread at a time, except {@link
 * #wakeup}.
 */
public interface RawConsumer extends AutoCloseable {
    /** Takes one record. */
    @FunctionalInterface
    interface RecordHandler {
        /**
         * What the handler throws goes through {@link RawConsumer#poll}, and the position stays at that record.
         *
         * @param record valid during this call only, and only until the handler seeks or closes; used later, it shows
         *     other bytes, or throws where {@link RawConsumerSettings#checkViews} is set
         */
        void onRecord(RecordView record);
    }

    /**
     * Hands over records that are there, without waiting.
     *
     * @param handler takes each
     * @param recordsMax at most so many
     * @return how many
     * @throws io.tidemill.errors.OffsetOutOfRangeException when the position lies outside the partition
     * @throws io.tidemill.errors.CorruptRecordException when what is stored is not what was written
     */
    int poll(RecordHandler handler, int recordsMax);

    /**
     * Waits until {@link #poll} has something.
     *
     * @param timeout how long to wait
     * @return whether it has; false after the time or an interrupt, which stays set
     * @throws io.tidemill.errors.WakeupException after {@link #wakeup}
     */
    boolean await(Duration timeout);

    /** Ends an {@link #await} that waits, or else the next one, by a {@link io.tidemill.errors.WakeupException}. Any thread. */
    void wakeup();

    /**
     * Where the next record will be read.
     *
     * @return its offset
     */
    long position();

    /**
     * Moves the position.
     *
     * @param offset of the next record to read; whether it exists is found out by {@link #poll}
     */
    void seek(long offset);

    /**
     * Moves the position to the first record of that time or a later one, or behind the last record that can be read now.
     *
     * @param timestampMs milliseconds since 1970
     * @throws io.tidemill.errors.CorruptRecordException when what is stored is not what was written
     */
    void seekToTime(long timestampMs);

    /**
     * Moves the position to the first of the records that have the newest time of all; it need not be the last record.
     *
     * @throws io.tidemill.errors.CorruptRecordException when what is stored is not what was written
     */
    void seekToMaxTime();

    /**
     * Where the partition starts now; it moves when old records are deleted.
     *
     * @return inclusive
     */
    long startOffset();

    /**
     * The end of what can be read now.
     *
     * @return exclusive
     */
    long endOffset();

    /** Lets go of what it holds. Idempotent. */
    @Override
    void close();
}
