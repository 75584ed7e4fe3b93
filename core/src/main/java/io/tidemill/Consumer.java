package io.tidemill;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads partitions of one topic or several, from positions of its own. Used by one thread at a time, except {@link #close} and
 * {@link #wakeup}.
 *
 * <p>It reads either all partitions of some topics ({@link #subscribe}), also those that they get later, or those that are
 * named ({@link #assign}). A partition is entered where {@link ConsumerSettings#autoOffsetReset} says, at the moment of that
 * call, so what is sent after it is read; one that a topic gets later is read from its start.
 *
 * @param <K> what keys are
 * @param <V> what values are
 */
public interface Consumer<K, V> extends AutoCloseable {
    /**
     * Reads all partitions of these topics, and nothing else, from now on. Partitions that it reads already go on where they
     * are.
     *
     * @param topics their names; empty is {@link #unsubscribe}
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such topic, and {@link
     *     BrokerSettings#autoCreateTopics} does not create it; then nothing changes
     * @throws IllegalStateException when partitions were named by {@link #assign}; {@link #unsubscribe} comes first
     */
    void subscribe(Collection<String> topics);

    /**
     * Reads these partitions, and nothing else, from now on. Those that it reads already go on where they are.
     *
     * @param partitions empty is {@link #unsubscribe}
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition; then nothing changes
     * @throws IllegalStateException when it reads whole topics; {@link #unsubscribe} comes first
     */
    void assign(Collection<TopicPartition> partitions);

    /** Reads nothing any more, until it is told what. Positions are forgotten. */
    void unsubscribe();

    /**
     * The topics that it reads wholly.
     *
     * @return a copy; empty when partitions were named
     */
    Set<String> subscription();

    /**
     * What it reads.
     *
     * @return a copy
     */
    Set<TopicPartition> assignment();

    /**
     * The next records, in offset order within each partition, and moves the positions behind them. Returns at once when there
     * are some, or when a {@link PartitionEofListener} was told something; otherwise waits for the first. An interrupt ends the
     * wait, and stays set.
     *
     * @param timeout how long to wait
     * @return empty after the time, an interrupt, the end of a partition if somebody listens, or {@link #close} by another
     *     thread
     * @throws IllegalStateException when it was not told what to read
     * @throws io.tidemill.errors.WakeupException after {@link #wakeup}; no position has moved
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when a topic was deleted
     * @throws io.tidemill.errors.RecordDeserializationException when a deserializer throws; the position then stands at that
     *     record, and {@link #seek} goes past it
     * @throws io.tidemill.errors.OffsetOutOfRangeException when a position lies outside the partition, or there is none, and
     *     {@link AutoOffsetReset#none} says nothing about it
     * @throws io.tidemill.errors.CorruptRecordException when what is stored is not what was written
     */
    List<ConsumerRecord<K, V>> poll(Duration timeout);

    /** Ends a {@link #poll} that waits, or else the next one, by a {@link io.tidemill.errors.WakeupException}. Any thread. */
    void wakeup();

    /**
     * Gives no records of these partitions any more. Their positions stay.
     *
     * @param partitions that it reads
     * @throws IllegalStateException when it does not read one of them; then nothing changes
     */
    void pause(Collection<TopicPartition> partitions);

    /**
     * The other way round of {@link #pause}.
     *
     * @param partitions that it reads
     * @throws IllegalStateException when it does not read one of them; then nothing changes
     */
    void resume(Collection<TopicPartition> partitions);

    /**
     * The partitions that give no records.
     *
     * @return a copy
     */
    Set<TopicPartition> paused();

    /**
     * Where the next record of that partition will be read.
     *
     * @param partition that it reads
     * @return its offset
     * @throws IllegalStateException when it does not read that partition
     * @throws io.tidemill.errors.OffsetOutOfRangeException when there is none yet, as {@link AutoOffsetReset#none} was chosen
     */
    long position(TopicPartition partition);

    /**
     * How many offsets there are between the position and the end of what can be read now; where records were compacted away,
     * there are fewer records.
     *
     * @param partition that it reads
     * @return 0 when everything was read
     * @throws IllegalStateException when it does not read that partition
     * @throws io.tidemill.errors.OffsetOutOfRangeException as {@link #position} does
     */
    long lag(TopicPartition partition);

    /**
     * Moves the position.
     *
     * @param partition that it reads
     * @param offset of the next record to read; whether it exists is found out by {@link #poll}
     * @throws IllegalStateException when it does not read that partition
     */
    void seek(TopicPartition partition, long offset);

    /** Moves the positions of all partitions to their first records. */
    default void seekToBeginning() {
        seekToBeginning(Set.of());
    }

    /**
     * Moves the positions of these partitions to their first records.
     *
     * @param partitions that it reads; none of them means all, as in Kafka
     * @throws IllegalStateException when it does not read one of them; then nothing changes
     */
    void seekToBeginning(Collection<TopicPartition> partitions);

    /** Moves the positions of all partitions behind the last records that can be read now. */
    default void seekToEnd() {
        seekToEnd(Set.of());
    }

    /**
     * Moves the positions of these partitions behind the last records that can be read now.
     *
     * @param partitions that it reads; none of them means all, as in Kafka
     * @throws IllegalStateException when it does not read one of them; then nothing changes
     */
    void seekToEnd(Collection<TopicPartition> partitions);

    /**
     * Moves the position of each partition to its first record of that time or a later one, or behind the last record that
     * can be read now.
     *
     * @param time of the records, which their producers or the broker gave them
     * @throws io.tidemill.errors.CorruptRecordException when what is stored is not what was written
     */
    void seekToTime(Instant time);

    /**
     * For each partition the offset of its first record of that time or a later one. No position moves.
     *
     * @param times by partition, which it need not read
     * @return without those that have no such record
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition
     * @throws io.tidemill.errors.CorruptRecordException when what is stored is not what was written
     */
    Map<TopicPartition, Long> offsetsForTimes(Map<TopicPartition, Instant> times);

    /**
     * The first offset of each partition that can be read.
     *
     * @param partitions which it need not read
     * @return inclusive
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition
     */
    Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions);

    /**
     * The end of what can be read now of each partition.
     *
     * @param partitions which it need not read
     * @return exclusive
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition
     */
    Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions);

    /** Lets go of what it holds. Idempotent. */
    @Override
    void close();
}
