package io.tidemill.loop;

import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A consumer whose poll ends when a stop sign is raised. Used by one thread at a time, except {@link #onRaised} and {@link
 * #close}.
 *
 * <p>Who raises the sign looks for a poll afterwards, and a poll announces itself before it looks at the sign. So either it
 * does not begin, or the consumer is closed under it, which wakes it.
 */
final class EndablePoll<K, V> implements AutoCloseable {
    private final Consumer<K, V> consumer;
    private final StopSign stop;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean polling;

    EndablePoll(Consumer<K, V> consumer, StopSign stop) {
        this.consumer = consumer;
        this.stop = stop;
    }

    /** As {@link Consumer#poll}; empty when the sign is raised. */
    List<ConsumerRecord<K, V>> poll(Duration timeout) {
        polling = true;
        try {
            return stop.isRaised() ? List.of() : consumer.poll(timeout);
        } catch (IllegalStateException e) {
            if (stop.isRaised()) {
                // Closed after we looked and before it did.
                return List.of();
            }
            throw e;
        } finally {
            polling = false;
        }
    }

    /** Not once it is closed, or about to be: then its position is nobody's any more. */
    void seek(TopicPartition partition, long offset) {
        if (!stop.isRaised()) {
            consumer.seek(partition, offset);
        }
    }

    /** By who raised the sign, on any thread. */
    void onRaised() {
        if (polling) {
            close();
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            consumer.close();
        }
    }
}
