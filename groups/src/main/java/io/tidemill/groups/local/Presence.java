package io.tidemill.groups.local;

import io.tidemill.runtime.OwnerThread;

/**
 * What the coordinator sees of a member in its own JVM beside what that says: whether its thread lives, and when it polled.
 * So a member needs no heartbeats, and no thread to send them. Written by the member's thread, but for {@link #call}.
 */
public final class Presence {
    private final long pollIntervalMaxNs;
    private final Runnable wake;
    private final OwnerThread owner = new OwnerThread();
    private volatile long polledNs;
    private volatile boolean isPolling;
    private volatile boolean isCalled;

    /**
     * @param wake ends the member's wait, if it waits
     */
    public Presence(long pollIntervalMaxNs, Runnable wake) {
        this.pollIntervalMaxNs = pollIntervalMaxNs;
        this.wake = wake;
    }

    /** It uses its handle, on this thread. */
    public void enter(long nowNs) {
        owner.enter();
        polledNs = nowNs;
        isPolling = true;
    }

    /** It has what it asked for, and does something else now. */
    public void leave(long nowNs) {
        polledNs = nowNs;
        isPolling = false;
    }

    boolean isAlive() {
        return owner.isAlive();
    }

    /** How long it may still be busy with something else. */
    long patienceNs(long nowNs) {
        return isPolling ? Long.MAX_VALUE : pollIntervalMaxNs - (nowNs - polledNs);
    }

    /** The coordinator has something to tell it. Any thread. */
    void call() {
        isCalled = true;
        wake.run();
    }

    public boolean isCalled() {
        return isCalled;
    }

    /** It asks now. */
    public void answerCall() {
        isCalled = false;
    }
}
