package io.tidemill;

import java.time.Duration;
import java.util.concurrent.Flow;

/**
 * The records of a {@link Consumer} as a Reactive Stream, for one subscriber. It polls only while records are requested, and
 * keeps at most the rest of one poll; nothing is committed. Made by {@link Broker#publisher}.
 *
 * <p>It has no end of its own: it completes when it is {@link #close}d. When the consumer fails, so does the stream, and
 * when the broker is closed, with a {@link io.tidemill.errors.BrokerClosedException}. A subscriber that throws is taken for
 * one that cancelled, and is logged.
 *
 * <p>{@link #subscribe} calls {@code onSubscribe} on its own thread. All other signals come from a thread of the stream's
 * own, named {@code tidemill-publisher}, which ends with it. Where the broker is to have no threads, they come from who
 * calls {@link #runOnce}.
 *
 * <p>Any thread may {@link #close}, and call the subscription; the others may be called by one thread at a time.
 *
 * @param <K> what keys are
 * @param <V> what values are
 */
public interface RecordPublisher<K, V> extends Flow.Publisher<ConsumerRecord<K, V>>, AutoCloseable {
    /**
     * Gives the subscriber what it asked for and is there. For brokers without threads only.
     *
     * @param timeout how long to wait for a record, if one is asked for
     * @return how many records were given
     * @throws IllegalStateException when a thread does that
     */
    int runOnce(Duration timeout);

    /**
     * Completes the stream after the record that is being given, and closes the consumer. Does not wait; with {@link
     * #runOnce}, who calls that the next time completes it. Idempotent.
     */
    @Override
    void close();
}
