package io.tidemill;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends to a topic as {@link Topic#send(Object, Object)} does, and keeps account: what it accepted, what became of it, and
 * when all of it is answered. Thread-safe.
 *
 * <p>Every record that was accepted is answered exactly once, by its future and by one report to everybody who wants it ({@link
 * DeliveryListener}): {@code accepted = acknowledged + failed}, as soon as nothing is under way. When the broker closes, it
 * answers what is under way, and nothing is accepted any more.
 *
 * @param <K> what keys are
 * @param <V> what values are
 */
public interface Producer<K, V> extends AutoCloseable {
    /**
     * Sends a record to the partition that its key belongs to.
     *
     * @param key as {@link Topic#send(Object, Object)} takes it
     * @param value likewise
     * @return where the record was appended
     * @throws io.tidemill.errors.BufferExhaustedException when there was no room and {@link FullRingPolicy} lets it throw
     * @throws IllegalStateException when the producer is closed
     */
    CompletableFuture<RecordMetadata> send(@Nullable K key, @Nullable V value);

    /**
     * Sends a record that may name its partition, its time, and headers; otherwise as {@link #send(Object, Object)}.
     *
     * @param record what to send
     * @return where the record was appended
     */
    CompletableFuture<RecordMetadata> send(ProducerRecord<K, V> record);

    /**
     * Sends a record, and has one more told what becomes of it.
     *
     * @param record what to send
     * @param listener of this record alone
     * @return where the record was appended
     */
    CompletableFuture<RecordMetadata> send(ProducerRecord<K, V> record, DeliveryListener listener);

    /**
     * Waits until every record is reported that was accepted before. What lingers does so no longer.
     *
     * @throws io.tidemill.errors.InterruptException when the thread is interrupted, which stays set; or was before
     * @throws io.tidemill.errors.BrokerClosedException when the broker was closed meanwhile
     * @throws IllegalStateException when a callback calls it on the broker's own thread, which would wait for itself
     */
    void flush();

    /**
     * Accepts nothing more, and waits until every record is reported.
     *
     * @throws IllegalStateException when a callback calls it on the broker's own thread, which would wait for itself
     */
    @Override
    void close();

    /**
     * Accepts nothing more, and waits until every record is reported, or for so long. What is not answered then, or when the
     * thread is interrupted, fails with an {@link io.tidemill.errors.UnansweredException}: it may be appended or not. Idempotent.
     *
     * @param timeout how long to wait
     * @throws IllegalStateException when a callback calls it on the broker's own thread, which would wait for itself
     */
    void close(Duration timeout);

    /**
     * How many records were accepted.
     *
     * @return since the producer was made
     */
    long accepted();

    /**
     * How many of the accepted ones were appended, or are taken for it by {@link Acks#NONE}.
     *
     * @return since the producer was made
     */
    long acknowledged();

    /**
     * How many of the accepted ones were answered by a failure.
     *
     * @return since the producer was made
     */
    long failed();

    /**
     * How many were not accepted because there was no room, where {@link FullRingPolicy#DROP_NEWEST} is wanted.
     *
     * @return since the producer was made
     */
    long dropped();
}
