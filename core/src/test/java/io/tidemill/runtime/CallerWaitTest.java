package io.tidemill.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.spi.Clock;
import io.tidemill.spi.Parker;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a wait asks for what it waits for. */
class CallerWaitTest {
    private static final Clock CLOCK = new SetClock(1_000);

    private final List<Thread> unparked = new ArrayList<>();
    private final Parker parker = new Parker() {
        @Override
        public void park(long maxNs) {
            throw new AssertionError("nobody was to sleep");
        }

        @Override
        public void unpark(Thread thread) {
            unparked.add(thread);
        }
    };
    private final CallerWait callerWait =
            new CallerWait(new AgentHost(Threads.manual(), true, ThreadParker.INSTANCE), CLOCK, parker);
    private final Wakeup wakeup = callerWait.newWakeup();
    private int asked;

    /** At the beginning, behind the broker's work, and in the last look before it sleeps. */
    @Test
    void doesNotAskAgainOnceTheConditionHolds() {
        for (int holding = 1; holding <= 3; holding++) {
            asked = 0;
            int last = holding;

            assertTrue(callerWait.until(() -> ++asked == last, Duration.ofSeconds(1), wakeup));

            assertEquals(holding, asked);
        }
    }

    @Test
    void isNotTakenForASleeperAfterAConditionThatThrew() {
        for (int throwing = 1; throwing <= 3; throwing++) {
            asked = 0;
            int last = throwing;

            assertThrows(
                    ArithmeticException.class,
                    () -> callerWait.until(() -> 0 / (++asked - last) > 0, Duration.ofSeconds(1), wakeup));

            wakeup.signal();
            assertEquals(List.of(), unparked);
        }
    }

    @Test
    void asksTwiceWhereThereIsNoTime() {
        assertFalse(callerWait.until(() -> ++asked > 2, Duration.ZERO, wakeup));

        assertEquals(2, asked);
    }
}
