package io.tidemill.runtime;

import io.tidemill.errors.BrokerClosedException;
import io.tidemill.spi.Clock;
import io.tidemill.spi.Parker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a user's thread waits inside a call. Where the broker has no threads of its own, the waiting thread does the
 * broker's work meanwhile. An interrupt ends the wait and stays set.
 */
public final class CallerWait {
    /** A time-out that never is over. */
    public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    /** Longer than any wait makes sense, short enough to be added to a clock's reading. */
    private static final long TIMEOUT_MAX_NS = Long.MAX_VALUE / 4;

    /** While nobody signals, the condition is looked at this often. */
    private static final long UNSIGNALLED_PARK_NS = 20_000;

    private final AgentHost host;
    private final Clock clock;
    private final Parker parker;

    public CallerWait(AgentHost host, Clock clock, Parker parker) {
        this.host = host;
        this.clock = clock;
        this.parker = parker;
    }

    /** Whether nobody but the callers does the broker's work. */
    public boolean isHelpNeeded() {
        return host.isManual() && !host.isClosed();
    }

    /** Fails the call when the broker is closed. */
    public void requireOpen() {
        if (host.isClosed()) {
            throw new BrokerClosedException("the broker is closed", null);
        }
    }

    /** Fails a call that waits for the broker when it is made by a callback, on the thread that would have to act. */
    public void requireMayWait() {
        if (host.isOwnThread()) {
            throw new IllegalStateException(
                    "this call waits for the broker, and was made by a callback on the broker's own"
                            + " thread: hand it to another thread");
        }
    }

    /** Whether the caller is a callback, on whatever thread: others may wait for what comes behind it. */
    public boolean isInsideCallback() {
        return host.isInsideCallback();
    }

    /** As long, without overflow: the longest Duration there is means "for ever", and the least one "not at all". */
    public static long timeoutNs(Duration timeout) {
        return Math.max(0, Math.min(TimeUnit.NANOSECONDS.convert(timeout), TIMEOUT_MAX_NS));
    }

    /** Something a thread can be signalled with, and which {@link #until} takes. */
    public Wakeup newWakeup() {
        return new Wakeup(parker);
    }

    /**
     * Waits until the condition holds. It may act when it is asked: once it holds, it is not asked again.
     *
     * @param wakeup is signalled when the condition may have changed; null if nothing is
     * @return what the condition says in the end: false after the time, an interrupt, or the broker's end
     */
    public boolean until(BooleanSupplier condition, Duration timeout, @Nullable Wakeup wakeup) {
        if (condition.getAsBoolean()) {
            return true;
        }
        long deadlineNs = clock.nowNs() + timeoutNs(timeout);
        while (true) {
            boolean worked = host.help() > 0;
            if (condition.getAsBoolean()) {
                return true;
            }
            long remainingNs = deadlineNs - clock.nowNs();
            if (remainingNs <= 0 || host.isClosed() || Thread.currentThread().isInterrupted()) {
                return false;
            }
            if (!worked && sleepUnless(condition, remainingNs, wakeup)) {
                return true;
            }
        }
    }

    /** Whether the condition held after all. */
    private boolean sleepUnless(BooleanSupplier condition, long remainingNs, @Nullable Wakeup wakeup) {
        if (wakeup == null) {
            parker.park(Math.min(UNSIGNALLED_PARK_NS, Math.min(remainingNs, host.callerParkNsMax())));
            return false;
        }
        wakeup.announce();
        boolean mayPark = false;
        try {
            mayPark = !condition.getAsBoolean();
        } finally {
            if (!mayPark) {
                wakeup.cancel();
            }
        }
        if (mayPark) {
            wakeup.park(Math.min(remainingNs, host.callerParkNsMax()));
        }
        return !mayPark;
    }
}
