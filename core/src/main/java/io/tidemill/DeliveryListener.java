package io.tidemill;

import org.jspecify.annotations.Nullable;

/**
 * Is told what became of a record, exactly once. Kafka's {@code Callback}.
 *
 * <p>Called by the delivery thread, in offset order within a partition; where an answer is known at once or comes by force,
 * by the thread that has it: the sender's for a record that was dropped or is not waited for ({@link Acks#NONE}), and the one
 * that closes the producer for what it gives up. It must not wait for the broker. Throwing stops nothing, and is logged.
 */
@FunctionalInterface
public interface DeliveryListener {
    /**
     * The record was appended, or was not.
     *
     * @param record where it is; the offset is {@link RecordMetadata#NO_OFFSET} when that is not known
     * @param failure why it was not appended; null when it was
     */
    void onDelivery(RecordMetadata record, @Nullable RuntimeException failure);
}
