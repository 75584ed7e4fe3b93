package io.tidemill;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record to be sent, where {@link Topic#send(Object, Object)} does not say enough.
 *
 * @param partition from 0, or {@link #ANY_PARTITION}
 * @param timestamp milliseconds since the epoch, or {@link #NO_TIMESTAMP} for the time at which the broker takes it; the topic may
 *     replace it ({@link TimestampType#LOG_APPEND_TIME})
 * @param key may be null
 * @param value may be null
 * @param headers in order; keys may repeat
 * @param <K> what keys are
 * @param <V> what values are
 */
public record ProducerRecord<K, V>(
        int partition,
        long timestamp,
        @Nullable K key,
        @Nullable V value,
        List<Header> headers) {
    /** The partitioner decides. */
    public static final int ANY_PARTITION = -1;

    /** The broker's clock decides. */
    public static final long NO_TIMESTAMP = -1;

    /** Validates. */
    public ProducerRecord {
        if (timestamp < NO_TIMESTAMP) {
            throw new IllegalArgumentException("timestamp must not be negative: timestamp=" + timestamp);
        }
        headers = List.copyOf(headers);
    }

    /**
     * A key and a value, and nothing else said.
     *
     * @param key may be null
     * @param value may be null
     * @param <K> what keys are
     * @param <V> what values are
     * @return a record
     */
    public static <K, V> ProducerRecord<K, V> of(@Nullable K key, @Nullable V value) {
        return new ProducerRecord<>(ANY_PARTITION, NO_TIMESTAMP, key, value, List.of());
    }

    /**
     * The same for a partition.
     *
     * @param partition from 0
     * @return a copy
     */
    public ProducerRecord<K, V> toPartition(int partition) {
        if (partition < 0) {
            throw new IllegalArgumentException("partition must not be negative: partition=" + partition);
        }
        return new ProducerRecord<>(partition, timestamp, key, value, headers);
    }

    /**
     * The same with a time of its own.
     *
     * @param timestamp milliseconds since the epoch
     * @return a copy
     */
    public ProducerRecord<K, V> at(long timestamp) {
        return new ProducerRecord<>(partition, timestamp, key, value, headers);
    }

    /**
     * The same with one header more.
     *
     * @param key of the header
     * @param value of the header, may be null
     * @return a copy
     */
    public ProducerRecord<K, V> withHeader(String key, byte @Nullable [] value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(key, value));
        return new ProducerRecord<>(partition, timestamp, this.key, this.value, more);
    }
}
