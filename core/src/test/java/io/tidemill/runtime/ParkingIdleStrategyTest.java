package io.tidemill.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.spi.Parker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long an agent sleeps that nobody signals. */
class ParkingIdleStrategyTest {
    private static final long CHECK_NS = 250_000_000;

    private final List<Long> parkedNs = new ArrayList<>();
    private final Wakeup wakeup = new Wakeup(new Parker() {
        @Override
        public void park(long maxNs) {
            parkedNs.add(maxNs);
        }

        @Override
        public void unpark(Thread thread) {
            throw new AssertionError("nobody signals");
        }
    });

    @Test
    void sleepsNoLongerThanTheAgentMayBeLeftAlone() {
        long[] idleNsMax = {7};
        ParkingIdleStrategy idle = ParkingIdleStrategy.signalled(wakeup, () -> idleNsMax[0]);
        idleUntilParked(idle);

        idleNsMax[0] = 3;
        idleUntilParked(idle);
        idleNsMax[0] = Long.MAX_VALUE;
        idleUntilParked(idle);

        assertEquals(List.of(7L, 3L, CHECK_NS), parkedNs);
    }

    private void idleUntilParked(ParkingIdleStrategy idle) {
        int parked = parkedNs.size();
        for (int cycle = 0; parkedNs.size() == parked; cycle++) {
            assertTrue(cycle < 1_000, "never parked");
            idle.idle(0);
        }
    }
}
