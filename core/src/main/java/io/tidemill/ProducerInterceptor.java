package io.tidemill;

import org.jspecify.annotations.Nullable;

/**
 * Sees a producer's records on their way out and their answers on the way back. Kafka's interface of that name.
 *
 * @param <K> what keys are
 * @param <V> what values are
 */
public interface ProducerInterceptor<K, V> {
    /**
     * Before the record is serialized and its partition is chosen. By the thread that sends. If it throws, that is logged, and
     * the record goes on as it was.
     *
     * @param record as the one before has left it
     * @return what to send in its place
     */
    ProducerRecord<K, V> onSend(ProducerRecord<K, V> record);

    /**
     * As {@link DeliveryListener#onDelivery}.
     *
     * @param record where it is
     * @param failure why it was not appended; null when it was
     */
    default void onAcknowledgement(RecordMetadata record, @Nullable RuntimeException failure) {
        // whoever only changes records does not care
    }
}
