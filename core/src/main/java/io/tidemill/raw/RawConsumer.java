package io.tidemill.raw;

import java.time.Duration;

/** Reads one partition without allocating: a callback over views of the records. Used by one thread at a time. */
public interface RawConsumer extends AutoCloseable {
    /** Takes one record. */
    @FunctionalInterface
    interface RecordHandler {
        /**
         * What the handler throws goes through {@link RawConsumer#poll}, and the position stays at that record.
         *
         * @param record valid during this call only
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
     */
    boolean await(Duration timeout);

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
     * The end of what can be read now.
     *
     * @return exclusive
     */
    long endOffset();

    /** Lets go of what it holds. Idempotent. */
    @Override
    void close();
}
