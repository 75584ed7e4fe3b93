package io.tidemill.groups;

import io.tidemill.ConsumerRecord;
import io.tidemill.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A record that a member of a share group was given.
 *
 * @param record as any consumer reads it
 * @param deliveryCount how often the group was given it, this time counted: above 1, somebody may have handled it before
 * @param <K> what keys are
 * @param <V> what values are
 */
public record SharedRecord<K, V>(ConsumerRecord<K, V> record, int deliveryCount) {
    /**
     * Its key.
     *
     * @return may be null
     */
    public @Nullable K key() {
        return record.key();
    }

    /**
     * Its value.
     *
     * @return may be null
     */
    public @Nullable V value() {
        return record.value();
    }

    /**
     * Where from.
     *
     * @return its partition
     */
    public TopicPartition topicPartition() {
        return record.topicPartition();
    }

    /**
     * Its place in the partition.
     *
     * @return from 0
     */
    public long offset() {
        return record.offset();
    }
}
