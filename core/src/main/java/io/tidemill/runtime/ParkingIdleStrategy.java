package io.tidemill.runtime;

import org.agrona.concurrent.IdleStrategy;

/**
 * Spins and yields a little, then sleeps until it is signalled: microseconds to wake up, next to nothing while idle.
 * After announcing the sleep it lets the agent run one more duty cycle, which is the last look that {@link Wakeup} wants.
 */
final class ParkingIdleStrategy implements IdleStrategy {
    private static final int SPINS = 20;
    private static final int YIELDS = 20;

    /** So that an agent's own timers are looked at even if nobody signals. */
    private static final long PARK_MAX_NS = 100_000_000;

    private final Wakeup wakeup;
    private int idleCycles;

    ParkingIdleStrategy(Wakeup wakeup) {
        this.wakeup = wakeup;
    }

    @Override
    public void idle(int workCount) {
        if (workCount > 0) {
            reset();
        } else {
            idle();
        }
    }

    @Override
    public void idle() {
        int cycle = idleCycles++;
        if (cycle < SPINS) {
            Thread.onSpinWait();
        } else if (cycle < SPINS + YIELDS) {
            Thread.yield();
        } else if (cycle == SPINS + YIELDS) {
            wakeup.announce();
        } else {
            wakeup.park(PARK_MAX_NS);
            idleCycles = SPINS + YIELDS;
        }
    }

    @Override
    public void reset() {
        if (idleCycles > SPINS + YIELDS) {
            wakeup.cancel();
        }
        idleCycles = 0;
    }

    @Override
    public String alias() {
        return "parking";
    }
}
