package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ManualClockTest {
    private static final long START_MS = ManualClock.START.toEpochMilli();

    private final ManualClock clock = new ManualClock();

    @Test
    void standsStillUntilItIsMoved() {
        long startNs = clock.nowNs();
        assertEquals(startNs, clock.nowNs());
        assertEquals(new ManualClock().nowNs(), startNs);
        assertEquals(START_MS, clock.epochMs());

        clock.advance(Duration.ofMillis(1500));

        assertEquals(1_500_000_000, clock.nowNs() - startNs);
        assertEquals(START_MS + 1500, clock.epochMs());
        assertEquals(Duration.ofMillis(1500), clock.elapsed());
    }

    @Test
    void losesNoFractionOfAMillisecond() {
        for (int i = 0; i < 2_000; i++) {
            clock.advance(Duration.ofNanos(500_000));
        }

        assertEquals(START_MS + 1_000, clock.epochMs());
    }

    @Test
    void waitingMovesTime() {
        clock.park(2_000_000);
        clock.park(0);
        clock.park(-1);

        assertEquals(Duration.ofMillis(2), clock.elapsed());
    }

    @Test
    void anUnparkedThreadDoesNotWaitOnce() {
        clock.unpark(Thread.currentThread());
        clock.unpark(Thread.currentThread());
        clock.park(2_000_000);
        assertEquals(Duration.ZERO, clock.elapsed());

        clock.park(2_000_000);
        assertEquals(Duration.ofMillis(2), clock.elapsed());
    }

    @Test
    void anInterruptedThreadDoesNotWaitAndStaysInterrupted() {
        Thread.currentThread().interrupt();

        clock.park(2_000_000);

        assertTrue(Thread.interrupted());
        assertEquals(Duration.ZERO, clock.elapsed());
    }

    @Test
    void theWallClockJumpsWithoutTheOther() {
        clock.advance(Duration.ofMillis(10));
        long nowNs = clock.nowNs();

        clock.setEpochMs(1_000);
        assertEquals(1_000, clock.epochMs());
        assertEquals(nowNs, clock.nowNs());

        clock.advance(Duration.ofMillis(5));
        assertEquals(1_005, clock.epochMs());
    }

    @Test
    void nanosecondsWrapEarlyAndTheWallClockDoesNotCare() {
        long startNs = clock.nowNs();

        clock.advance(Duration.ofDays(3650));

        assertTrue(clock.nowNs() < startNs);
        assertEquals(Duration.ofDays(3650).toNanos(), clock.nowNs() - startNs);
        assertEquals(START_MS + Duration.ofDays(3650).toMillis(), clock.epochMs());
    }

    @Test
    void doesNotGoBack() {
        assertThrows(IllegalArgumentException.class, () -> clock.advance(Duration.ofNanos(-1)));
    }

    @Test
    void anyThreadMayMoveIt() {
        IntStream.range(0, 10_000).parallel().forEach(i -> clock.advance(Duration.ofMillis(1)));

        assertEquals(Duration.ofSeconds(10), clock.elapsed());
    }
}
