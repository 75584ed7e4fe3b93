package io.tidemill;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record as it was read.
 *
 * @param topic where from
 * @param partition where from
 * @param offset its place in the partition
 * @param timestamp milliseconds since the epoch: the producer's, or else when it was appended
 * @param key may be null
 * @param value may be null
 * @param headers in order; keys may repeat
 * @param <K> what keys are
 * @param <V> what values are
 */
public record ConsumerRecord<K, V>(
        String topic,
        int partition,
        long offset,
        long timestamp,
        @Nullable K key,
        @Nullable V value,
        List<Header> headers) {
    /**
     * Where from, in one.
     *
     * @return its partition, as consumers name it
     */
    public TopicPartition topicPartition() {
        return new TopicPartition(topic, partition);
    }
}
