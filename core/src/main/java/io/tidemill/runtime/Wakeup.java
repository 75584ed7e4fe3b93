package io.tidemill.runtime;

import io.tidemill.spi.Parker;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread sleep until others have something for it, at the price of a fence to those others.
 *
 * <p>The sleeper announces itself, looks once more whether there is something, and only then parks. The other publishes,
 * and then signals. So either the sleeper's second look sees what was published, or the signal sees the sleeper.
 */
public final class Wakeup {
    private final Parker parker;
    private volatile @Nullable Thread sleeper;

    public Wakeup(Parker parker) {
        this.parker = parker;
    }

    /** The calling thread is about to look for the last time before it parks. */
    public void announce() {
        sleeper = Thread.currentThread();
    }

    /** Sleeps, after {@link #announce} and a look that found nothing. */
    public void park(long maxNs) {
        parker.park(maxNs);
        sleeper = null;
    }

    /** The look found something after all. */
    public void cancel() {
        sleeper = null;
    }

    /** Called after publishing. Any thread. */
    public void signal() {
        // Publishing is a release at most; without the fence this read could go before it.
        VarHandle.fullFence();
        Thread thread = sleeper;
        if (thread != null) {
            parker.unpark(thread);
        }
    }
}
