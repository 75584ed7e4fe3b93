package io.tidemill.loop;

import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.TopicPartition;
import io.tidemill.errors.WakeupException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A consumer whose poll ends when a stop sign is raised. Used by one thread at a time, except {@link #onRaised}. Closed once
 * however often that is asked for.
 */
final class EndablePoll<K, V> implements AutoCloseable {
    private final Consumer<K, V> consumer;
    private final StopSign stop;
    private final AtomicBoolean closed = new AtomicBoolean();

    EndablePoll(Consumer<K, V> consumer, StopSign stop) {
        this.consumer = consumer;
        this.stop = stop;
    }

    /** As {@link Consumer#poll}; empty when the sign is raised. */
    List<ConsumerRecord<K, V>> poll(Duration timeout) {
        try {
            return stop.isRaised() ? List.of() : consumer.poll(timeout);
        } catch (WakeupException e) {
            if (stop.isRaised()) {
                return List.of();
            }
            // Somebody else's.
            throw e;
        }
    }

    /** Not once the sign is raised: then its position is nobody's any more. */
    void seek(TopicPartition partition, long offset) {
        if (!stop.isRaised()) {
            consumer.seek(partition, offset);
        }
    }

    /** By who raised the sign, on any thread: a poll that did not see it ends. */
    void onRaised() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            consumer.close();
        }
    }
}
