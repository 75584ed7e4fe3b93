package io.tidemill.runtime;

import java.util.function.LongSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * Spins and yields a little, then sleeps until it is signalled: microseconds to wake up, next to nothing while idle.
 * After announcing the sleep it lets the agent run one more duty cycle, which is the last look that {@link Wakeup} wants.
 */
final class ParkingIdleStrategy implements IdleStrategy {
    private static final int SPINS = 20;
    private static final int YIELDS = 20;

    /** Of an agent that looks for itself: it comes late by a fraction of the silence at most. */
    private static final long LOOK_MIN_NS = 1_000_000;

    private static final long LOOK_MAX_NS = 100_000_000;
    private static final int LATE_FRACTION = 8;

    /**
     * So that an agent's checks, which need not be on time, are made even if nobody signals. Waking up a core that sleeps takes
     * 100 to 200 microseconds of it.
     */
    private static final long PARK_MAX_NS = 250_000_000;

    private final Wakeup wakeup;
    private final LongSupplier idleNsMax;
    private final long parkMinNs;
    private final long parkMaxNs;
    private long parkNs;
    private int idleCycles;

    private ParkingIdleStrategy(Wakeup wakeup, LongSupplier idleNsMax, long parkMinNs, long parkMaxNs) {
        this.wakeup = wakeup;
        this.idleNsMax = idleNsMax;
        this.parkMinNs = parkMinNs;
        this.parkMaxNs = parkMaxNs;
        this.parkNs = parkMinNs;
    }

    /** Of an agent that is signalled when it has something to do, or tells how long it may be left alone. */
    static ParkingIdleStrategy signalled(Wakeup wakeup, LongSupplier idleNsMax) {
        return new ParkingIdleStrategy(wakeup, idleNsMax, PARK_MAX_NS, PARK_MAX_NS);
    }

    /** Of an agent that has to look for itself: soon after there was something, and less often the longer there is nothing. */
    static ParkingIdleStrategy looking(Wakeup wakeup) {
        return new ParkingIdleStrategy(wakeup, () -> Long.MAX_VALUE, LOOK_MIN_NS, LOOK_MAX_NS);
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
            wakeup.park(Math.min(parkNs, idleNsMax.getAsLong()));
            parkNs = Math.min(parkNs + parkNs / LATE_FRACTION, parkMaxNs);
            idleCycles = SPINS + YIELDS;
        }
    }

    @Override
    public void reset() {
        if (idleCycles > SPINS + YIELDS) {
            wakeup.cancel();
        }
        idleCycles = 0;
        parkNs = parkMinNs;
    }

    @Override
    public String alias() {
        return "parking";
    }
}
