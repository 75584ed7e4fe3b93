package io.tidemill.loop;

import io.tidemill.ConsumerRecord;
import io.tidemill.RecordPublisher;
import io.tidemill.runtime.AgentHost;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Gives its consumer to the first subscriber, and refuses all others. */
final class PollingPublisher<K, V> implements RecordPublisher<K, V> {
    /** What a second subscriber gets before it is refused: the rules want one. */
    private static final Flow.Subscription NONE = new Flow.Subscription() {
        @Override
        public void request(long n) {
            // Refused already.
        }

        @Override
        public void cancel() {
            // Refused already.
        }
    };

    private final EndablePoll<K, V> consumer;
    private final StopSign stop;
    private final AgentHost host;
    private final AtomicReference<@Nullable RecordSubscription<K, V>> subscription = new AtomicReference<>();

    PollingPublisher(EndablePoll<K, V> consumer, StopSign stop, AgentHost host) {
        this.consumer = consumer;
        this.stop = stop;
        this.host = host;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ConsumerRecord<K, V>> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        RecordSubscription<K, V> first = new RecordSubscription<>(subscriber, consumer, stop);
        if (!subscription.compareAndSet(null, first)) {
            subscriber.onSubscribe(NONE);
            subscriber.onError(new IllegalStateException("the publisher has a subscriber already"));
            return;
        }
        first.begin();
        if (!host.isManual()) {
            startThread(first);
        }
    }

    private void startThread(RecordSubscription<K, V> first) {
        try {
            host.startThread("tidemill-publisher", first::run);
        } catch (RuntimeException | Error e) {
            // Subscribing throws nothing (rule 1.9).
            first.fail(e);
        }
    }

    @Override
    public int runOnce(Duration timeout) {
        if (!host.isManual()) {
            throw new IllegalStateException("the publisher has a thread of its own");
        }
        RecordSubscription<K, V> subscribed = subscription.get();
        return subscribed == null ? 0 : subscribed.runOnce(timeout);
    }

    @Override
    public void close() {
        stop.raise();
        if (subscription.get() == null) {
            consumer.close();
        } else {
            consumer.onRaised();
        }
    }
}
