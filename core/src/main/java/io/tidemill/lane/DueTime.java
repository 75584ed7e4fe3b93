package io.tidemill.lane;

/**
 * When a lane has something to do next though nobody signals it. The lane thread collects in every duty cycle what waits for a
 * time, and publishes the first; who sleeps for the lane reads it.
 */
final class DueTime {
    private boolean isAnyCollected;
    private long collectedNs;

    private volatile long publishedNs;
    private volatile boolean isAnyPublished;

    void begin() {
        isAnyCollected = false;
    }

    void add(long dueNs) {
        if (!isAnyCollected || dueNs - collectedNs < 0) {
            collectedNs = dueNs;
            isAnyCollected = true;
        }
    }

    void publish() {
        if (isAnyCollected) {
            publishedNs = collectedNs;
        }
        // Not a fence in each duty cycle of those that never wait.
        if (isAnyPublished != isAnyCollected) {
            isAnyPublished = isAnyCollected;
        }
    }

    /** How long until then; {@link Long#MAX_VALUE} when nothing waits. Any thread. */
    long remainingNs(long nowNs) {
        return isAnyPublished ? Math.max(0, publishedNs - nowNs) : Long.MAX_VALUE;
    }
}
