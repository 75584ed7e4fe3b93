package io.tidemill.runtime;

/**
 * When an agent has something to do next though nobody signals it. Its thread collects in its duty cycles what waits for a time, and
 * publishes the first; who sleeps for the agent reads it.
 */
public final class DueTime {
    private boolean isAnyCollected;
    private long collectedNs;

    private volatile long publishedNs;
    private volatile boolean isAnyPublished;

    public void begin() {
        isAnyCollected = false;
    }

    public void add(long dueNs) {
        if (!isAnyCollected || dueNs - collectedNs < 0) {
            collectedNs = dueNs;
            isAnyCollected = true;
        }
    }

    public void publish() {
        if (isAnyCollected) {
            publishedNs = collectedNs;
        }
        // Not a fence in each duty cycle of those that never wait.
        if (isAnyPublished != isAnyCollected) {
            isAnyPublished = isAnyCollected;
        }
    }

    /** How long until then; {@link Long#MAX_VALUE} when nothing waits. Any thread. */
    public long remainingNs(long nowNs) {
        return isAnyPublished ? Math.max(0, publishedNs - nowNs) : Long.MAX_VALUE;
    }
}
