package io.tidemill.metrics;

import java.util.concurrent.atomic.AtomicLong;

/** A sum that only grows, and that any thread reads. */
public final class Counter {
    private final AtomicLong sum = new AtomicLong();

    /** For a sum to which one thread adds: without a fence, since a batch must not wait for its figures. */
    public void addAlone(long more) {
        sum.setRelease(sum.getPlain() + more);
    }

    /** Any thread. */
    public void add(long more) {
        sum.getAndAdd(more);
    }

    public long sumAcquire() {
        return sum.getAcquire();
    }
}
