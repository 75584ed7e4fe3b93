package io.tidemill.loop;

import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Tells a run that it is to end, and wakes it where it waits: closing does that for good; an interrupt does it for a run on
 * a caller's thread. The thread of the run asks; any thread may raise it.
 */
final class StopSign {
    private final CallerWait callerWait;
    private final Wakeup wakeup;
    private final Set<StopSign> inUse;
    private volatile boolean raised;
    /** Nobody has a reason to interrupt the loop's own thread; a handler that does it must not stop it in silence. */
    private boolean areInterruptsIgnored;

    /** One that is among those in use until it is raised. */
    StopSign(CallerWait callerWait, Set<StopSign> inUse) {
        this.callerWait = callerWait;
        this.wakeup = callerWait.newWakeup();
        this.inUse = inUse;
        inUse.add(this);
    }

    void raise() {
        raised = true;
        inUse.remove(this);
        signal();
    }

    boolean isRaised() {
        return raised;
    }

    /** Called when a run begins. */
    void ignoreInterrupts(boolean ignore) {
        areInterruptsIgnored = ignore;
    }

    /** Whether the caller's thread was interrupted, which stays set. */
    boolean isInterrupted() {
        if (areInterruptsIgnored) {
            Thread.interrupted();
            return false;
        }
        return Thread.currentThread().isInterrupted();
    }

    boolean isUp() {
        return isInterrupted() || raised;
    }

    /**
     * Waits.
     *
     * @return false when the run is to end, which also ends the wait
     * @throws io.tidemill.errors.BrokerClosedException when the broker was closed, which does so, too
     */
    boolean pause(Duration duration) {
        return pauseUntil(() -> false, duration);
    }

    /** As {@link #pause}, or less, if the condition holds before; who changes that calls {@link #signal}. */
    boolean pauseUntil(BooleanSupplier condition, Duration duration) {
        callerWait.until(() -> raised || condition.getAsBoolean(), duration, wakeup);
        if (isUp()) {
            return false;
        }
        callerWait.requireOpen();
        return true;
    }

    void signal() {
        wakeup.signal();
    }
}
