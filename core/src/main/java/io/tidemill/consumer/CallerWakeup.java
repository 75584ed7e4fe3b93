package io.tidemill.consumer;

import io.tidemill.errors.WakeupException;
import io.tidemill.runtime.Wakeup;
import java.util.concurrent.atomic.AtomicBoolean;

/** An application's wish that the wait that is under way, or else the next one, ends. */
public final class CallerWakeup {
    /** Of who waits. */
    private final Wakeup wakeup;

    private final AtomicBoolean isWanted = new AtomicBoolean();

    public CallerWakeup(Wakeup wakeup) {
        this.wakeup = wakeup;
    }

    /** Any thread. */
    public void request() {
        isWanted.set(true);
        wakeup.signal();
    }

    /** Fulfils the wish, if there is one. */
    public void throwIfRequested() {
        if (isWanted.get() && isWanted.getAndSet(false)) {
            throw new WakeupException("the wait was ended by wakeup()");
        }
    }
}
