package io.tidemill.loop;

import io.tidemill.ConsumerRecord;
import io.tidemill.runtime.CallerWait;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream to one subscriber. One thread gives it all signals, one after the other; what any thread asks for meanwhile is
 * left in words that it looks at: how many records are requested, whether one request was against the rules, whether it was
 * cancelled, and the stop sign, which says as well that the publisher was closed.
 */
final class RecordSubscription<K, V> implements Flow.Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(RecordSubscription.class);
    private final EndablePoll<K, V> consumer;
    private final StopSign stop;
    /** Requested and not yet given; {@code Long.MAX_VALUE} is without end. */
    private final AtomicLong demand = new AtomicLong();

    private volatile @Nullable IllegalArgumentException wrongRequest;
    private volatile boolean cancelled;

    /** Of the thread that gives signals, as all that follows. Null when it had its last one. */
    private Flow.@Nullable Subscriber<? super ConsumerRecord<K, V>> subscriber;
    /** Polled, and not yet requested. */
    private final ArrayDeque<ConsumerRecord<K, V>> polled = new ArrayDeque<>();

    RecordSubscription(
            Flow.Subscriber<? super ConsumerRecord<K, V>> subscriber, EndablePoll<K, V> consumer, StopSign stop) {
        this.subscriber = subscriber;
        this.consumer = consumer;
        this.stop = stop;
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            wrongRequest = new IllegalArgumentException("a request must be positive (rule 3.9): n=" + n);
            stop();
        } else {
            demand.accumulateAndGet(n, (a, b) -> a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b);
            stop.signal();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        stop();
    }

    private void stop() {
        stop.raise();
        consumer.onRaised();
    }

    /** Until there is nothing more to give. */
    void run() {
        while (subscriber != null) {
            // Nobody has a reason to interrupt this thread; a subscriber that does it must not keep it from waiting.
            Thread.interrupted();
            runOnce(CallerWait.FOREVER);
        }
    }

    /** Before anything else. */
    void begin() {
        Flow.Subscriber<? super ConsumerRecord<K, V>> to = subscriber;
        if (to != null) {
            try {
                to.onSubscribe(this);
            } catch (RuntimeException | Error e) {
                onSubscriberThrew(e);
            }
        }
    }

    /** Instead of everything else. */
    void fail(Throwable failure) {
        Flow.Subscriber<? super ConsumerRecord<K, V>> to = subscriber;
        if (to != null) {
            end(to, failure);
        }
    }

    int runOnce(Duration timeout) {
        Flow.Subscriber<? super ConsumerRecord<K, V>> to = subscriber;
        if (to == null) {
            return 0;
        }
        int given = 0;
        try {
            fill(timeout);
            while (!polled.isEmpty() && demand.get() > 0 && !stop.isRaised()) {
                give(to, polled.remove());
                given++;
            }
            if (stop.isRaised()) {
                end(to, wrongRequest);
            }
        } catch (RuntimeException | Error e) {
            end(to, e);
        }
        return given;
    }

    /** Polls if that is asked for, or waits until it is. */
    private void fill(Duration timeout) {
        if (demand.get() == 0) {
            stop.pauseUntil(() -> demand.get() > 0, timeout);
        } else if (polled.isEmpty()) {
            polled.addAll(consumer.poll(timeout));
        }
    }

    private void give(Flow.Subscriber<? super ConsumerRecord<K, V>> to, ConsumerRecord<K, V> record) {
        demand.getAndUpdate(n -> n == Long.MAX_VALUE ? n : n - 1);
        try {
            to.onNext(record);
        } catch (RuntimeException | Error e) {
            onSubscriberThrew(e);
        }
    }

    /** The last signal, unless it was cancelled; the subscriber is let go. */
    private void end(Flow.Subscriber<? super ConsumerRecord<K, V>> to, @Nullable Throwable reason) {
        boolean isTold = !cancelled;
        subscriber = null;
        polled.clear();
        stop.raise();
        Throwable failure = closeAfter(reason);
        if (!isTold) {
            return;
        }
        try {
            if (failure == null) {
                to.onComplete();
            } else {
                to.onError(failure);
            }
        } catch (RuntimeException | Error e) {
            onSubscriberThrew(e);
        }
    }

    private @Nullable Throwable closeAfter(@Nullable Throwable reason) {
        try {
            consumer.close();
            return reason;
        } catch (RuntimeException e) {
            if (reason == null) {
                return e;
            }
            reason.addSuppressed(e);
            return reason;
        }
    }

    private void onSubscriberThrew(Throwable e) {
        LOG.error("subscriber threw, which is taken for a cancellation (rule 2.13)", e);
        cancel();
    }
}
