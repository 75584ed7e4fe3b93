package io.tidemill.runtime;

import org.jspecify.annotations.Nullable;

/** Which thread uses something, and whether that thread still lives. Any thread. */
public final class OwnerThread {
    private volatile @Nullable Thread thread;

    /** The calling thread uses it from now on. */
    public void enter() {
        thread = Thread.currentThread();
    }

    public boolean isAlive() {
        Thread last = thread;
        return last != null && last.isAlive();
    }
}
