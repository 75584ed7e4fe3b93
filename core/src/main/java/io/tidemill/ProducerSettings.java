package io.tidemill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a producer.
 *
 * @param acks when a record is acknowledged
 * @param fullRing what becomes of a record for which there is no room
 * @param maxBlock Kafka's {@code max.block.ms}: how long {@link FullRingPolicy#BLOCK} waits for room
 * @param partitioner for records that do not name their partition; null for the topic's
 * @param interceptors in the order in which they see a record
 * @param listener is told of all records; null when nobody is
 * @param <K> what keys are
 * @param <V> what values are
 */
public record ProducerSettings<K, V>(
        Acks acks,
        FullRingPolicy fullRing,
        Duration maxBlock,
        @Nullable Partitioner partitioner,
        List<ProducerInterceptor<K, V>> interceptors,
        @Nullable DeliveryListener listener) {
    /** Validates. */
    public ProducerSettings {
        if (maxBlock.isNegative()) {
            throw new IllegalArgumentException("maxBlock must not be negative: maxBlock=" + maxBlock);
        }
        interceptors = List.copyOf(interceptors);
    }

    /**
     * Kafka's defaults: acknowledged by all, up to 60 s for room in the ring, the topic's partitioner; nobody else is told.
     *
     * @param <K> what keys are
     * @param <V> what values are
     * @return the default
     */
    public static <K, V> ProducerSettings<K, V> defaults() {
        return new ProducerSettings<>(Acks.ALL, FullRingPolicy.BLOCK, Duration.ofSeconds(60), null, List.of(), null);
    }

    /**
     * The same with other acknowledgements.
     *
     * @param acks as in the record
     * @return a copy
     */
    public ProducerSettings<K, V> withAcks(Acks acks) {
        return new ProducerSettings<>(acks, fullRing, maxBlock, partitioner, interceptors, listener);
    }

    /**
     * The same with another answer to a full ring.
     *
     * @param fullRing as in the record
     * @return a copy
     */
    public ProducerSettings<K, V> withFullRing(FullRingPolicy fullRing) {
        return new ProducerSettings<>(acks, fullRing, maxBlock, partitioner, interceptors, listener);
    }

    /**
     * The same with another patience.
     *
     * @param maxBlock as in the record
     * @return a copy
     */
    public ProducerSettings<K, V> withMaxBlock(Duration maxBlock) {
        return new ProducerSettings<>(acks, fullRing, maxBlock, partitioner, interceptors, listener);
    }

    /**
     * The same with a partitioner of its own.
     *
     * @param partitioner as in the record
     * @return a copy
     */
    public ProducerSettings<K, V> withPartitioner(Partitioner partitioner) {
        return new ProducerSettings<>(acks, fullRing, maxBlock, partitioner, interceptors, listener);
    }

    /**
     * The same with one interceptor more, behind those that are there.
     *
     * @param interceptor sees every record
     * @return a copy
     */
    public ProducerSettings<K, V> withInterceptor(ProducerInterceptor<K, V> interceptor) {
        List<ProducerInterceptor<K, V>> more = new ArrayList<>(interceptors);
        more.add(interceptor);
        return new ProducerSettings<>(acks, fullRing, maxBlock, partitioner, more, listener);
    }

    /**
     * The same with a listener.
     *
     * @param listener as in the record
     * @return a copy
     */
    public ProducerSettings<K, V> withListener(DeliveryListener listener) {
        return new ProducerSettings<>(acks, fullRing, maxBlock, partitioner, interceptors, listener);
    }
}
