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
    private volatile boolean isWaiting;
    private volatile boolean isCalled;
    private volatile boolean hasLeft;

    /**
     * @param wake ends the member's wait, if it waits
     */
    public Presence(long pollIntervalMaxNs, Runnable wake) {
        this.pollIntervalMaxNs = pollIntervalMaxNs;
        this.wake = wake;
    }

    /** It polls, on this thread. */
    public void onPoll(long nowNs) {
        hasLeft = false;
        owner.enter();
        polledNs = nowNs;
    }

    /** It waits for records now, and for the coordinator. */
    public void onWaiting() {
        isWaiting = true;
    }

    /** It has something else to do now: a listener, or what a poll returned. */
    public void onWaited(long nowNs) {
        polledNs = nowNs;
        isWaiting = false;
    }

    /** It has left, whether the coordinator could write that or not. Any thread. */
    void onLeft() {
        hasLeft = true;
    }

    boolean isAlive() {
        return !hasLeft && owner.isAlive();
    }

    /** How long it may still do something else; not positive when that is over. */
    long leftNs(long nowNs) {
        return isWaiting ? Long.MAX_VALUE : pollIntervalMaxNs - (nowNs - polledNs);
    }

    /** How long {@link #leftNs} stays positive whatever it does. */
    long quietNs(long nowNs) {
        return isWaiting ? pollIntervalMaxNs : leftNs(nowNs);
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
