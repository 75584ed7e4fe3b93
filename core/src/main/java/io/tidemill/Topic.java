package io.tidemill;

import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.raw.RawProducer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A topic, seen through a pair of serdes: the place to send records to and to read them from. Thread-safe.
 *
 * @param <K> what keys are
 * @param <V> what values are
 */
public interface Topic<K, V> {
    /**
     * Its name.
     *
     * @return as it was created
     */
    String name();

    /**
     * Where it is.
     *
     * @return the broker that this handle was made by
     */
    Broker broker();

    /**
     * What keys are seen through.
     *
     * @return as it was given
     */
    Serde<K> keySerde();

    /**
     * What values are seen through.
     *
     * @return as it was given
     */
    Serde<V> valueSerde();

    /**
     * Its settings.
     *
     * @return as they are now
     */
    TopicSettings settings();

    /**
     * Sends a record to the partition that its key belongs to: Kafka's murmur2 of the key's bytes. Records without a
     * key stay with one partition for a while, and then with another.
     *
     * <p>What can be told at once is thrown, and the record was not accepted. What was accepted is answered by the
     * future, exactly once, and never on the thread that writes: dependent stages run on the delivery thread.
     *
     * @param key null is allowed unless the topic is compacted, and is not the same as an empty one
     * @param value likewise
     * @return where the record was appended
     * @throws io.tidemill.errors.SerializationException when a serializer throws
     * @throws io.tidemill.errors.InvalidRecordException when it has no key, and the topic is compacted
     * @throws io.tidemill.errors.RecordTooLargeException when it exceeds {@link TopicSettings#maxMessageBytes}
     * @throws io.tidemill.errors.BufferExhaustedException when there was no room for {@link BrokerSettings#maxBlock}
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     */
    CompletableFuture<RecordMetadata> send(@Nullable K key, @Nullable V value);

    /**
     * Sends a record that may name its partition, its time, and headers; otherwise as {@link #send(Object, Object)}.
     *
     * @param record what to send
     * @return where the record was appended
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition
     */
    CompletableFuture<RecordMetadata> send(ProducerRecord<K, V> record);

    /**
     * Appends records as one batch if the partition ends at a certain offset: all of them, or none. So of several writers who
     * know the same state of the partition one is first, and the others hear of it. What was sent before goes first.
     *
     * @param partition from 0
     * @param expectedOffset what the first record must get
     * @param records at least one; each names that partition, or none
     * @return where the first record was appended; fails with an {@link io.tidemill.errors.OffsetMismatchException} when the
     *     partition ended elsewhere
     * @throws IllegalArgumentException when there is no record, or one is for another partition
     * @throws io.tidemill.errors.RecordTooLargeException when they exceed {@link TopicSettings#maxMessageBytes}
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition
     */
    CompletableFuture<RecordMetadata> append(int partition, long expectedOffset, List<ProducerRecord<K, V>> records);

    /**
     * A producer, which keeps account of what it sends.
     *
     * @return owned by the caller
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     */
    Producer<K, V> producer();

    /**
     * A producer with other settings.
     *
     * @param settings how it sends
     * @return owned by the caller
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     */
    Producer<K, V> producer(ProducerSettings<K, V> settings);

    /**
     * The same topic with another partitioner for what is sent through it.
     *
     * @param partitioner called once for each record that does not name its partition
     * @return another view of the topic
     */
    Topic<K, V> partitionedBy(Partitioner partitioner);

    /**
     * A consumer of all partitions, from their start.
     *
     * @return owned by the caller
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when the topic was deleted
     */
    Consumer<K, V> consumer();

    /**
     * A consumer of all partitions, with settings.
     *
     * @param settings see there
     * @return owned by the caller
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when the topic was deleted
     */
    Consumer<K, V> consumer(ConsumerSettings settings);

    /**
     * A producer of the raw tier.
     *
     * @param partition from 0
     * @return owned by the caller
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     */
    RawProducer rawProducer(int partition);

    /**
     * A consumer of the raw tier, at the start of the partition.
     *
     * @param partition from 0
     * @return owned by the caller
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition
     */
    RawConsumer rawConsumer(int partition);

    /**
     * A consumer of the raw tier, at the start of the partition, with settings.
     *
     * @param partition from 0
     * @param settings see there
     * @return owned by the caller
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition
     */
    RawConsumer rawConsumer(int partition, RawConsumerSettings settings);
}
