package io.tidemill;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Reads all partitions of a topic, from a position of its own. Used by one thread at a time, except {@link #close}.
 *
 * @param <K> what keys are
 * @param <V> what values are
 */
public interface Consumer<K, V> extends AutoCloseable {
    /** {@link #poll} gives no more records than this at once. */
    int MAX_POLL_RECORDS = 500;

    /**
     * The next records, in offset order within each partition, and moves the position behind them. Returns at once when
     * there are some; otherwise waits for the first. An interrupt ends the wait, and stays set.
     *
     * @param timeout how long to wait
     * @return empty after the time, an interrupt, or {@link #close} by another thread
     * @throws io.tidemill.errors.SerializationException when a deserializer throws; the position then stands at that
     *     record, and {@link #seek} goes past it
     * @throws io.tidemill.errors.OffsetOutOfRangeException when the position lies outside the partition
     * @throws io.tidemill.errors.CorruptRecordException when what is stored is not what was written
     */
    List<ConsumerRecord<K, V>> poll(Duration timeout);

    /**
     * Where the next record of that partition will be read.
     *
     * @param partition from 0
     * @return its offset
     */
    long position(int partition);

    /**
     * Moves the position.
     *
     * @param partition from 0
     * @param offset of the next record to read; whether it exists is found out by {@link #poll}
     */
    void seek(int partition, long offset);

    /** Moves the positions of all partitions to their first records. */
    void seekToBeginning();

    /** Moves the positions of all partitions behind the last records that can be read now. */
    void seekToEnd();

    /**
     * Moves the position of each partition to its first record of that time or a later one, or behind the last record that
     * can be read now.
     *
     * @param time of the records, which their producers or the broker gave them
     * @throws io.tidemill.errors.CorruptRecordException when what is stored is not what was written
     */
    void seekToTime(Instant time);

    /** Lets go of what it holds. Idempotent. */
    @Override
    void close();
}
