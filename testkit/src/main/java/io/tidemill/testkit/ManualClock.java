package io.tidemill.testkit;

import io.tidemill.spi.Clock;
import io.tidemill.spi.Parker;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Time that stands still until a test moves it, or until a call waits: a wait of a second returns at once, and the
 * second has passed. Meant for brokers that have no threads of their own, since nobody else gets to work during such a
 * wait. Any thread may call.
 *
 * <p>It always starts at the same instant. Its nanoseconds start shortly before they wrap, as a system's may: code that
 * compares deadlines by {@code <} instead of by subtraction is found out.
 */
public final class ManualClock implements Clock, Parker {
    /** What {@link #epochMs} starts at. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final long START_NS = Long.MAX_VALUE - Duration.ofSeconds(10).toNanos();

    private final AtomicLong elapsedNs = new AtomicLong();
    private final AtomicLong wallClockShiftMs = new AtomicLong(START.toEpochMilli());
    private final Set<Thread> unparked = ConcurrentHashMap.newKeySet();

    @Override
    public long nowNs() {
        return START_NS + elapsedNs.get();
    }

    @Override
    public long epochMs() {
        return wallClockShiftMs.get() + elapsedMs();
    }

    /**
     * How far time has moved since the start.
     *
     * @return the sum of all that was advanced and waited for
     */
    public Duration elapsed() {
        return Duration.ofNanos(elapsedNs.get());
    }

    /**
     * Moves time, the wall clock with it.
     *
     * @param duration not negative
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("time cannot go back: duration=" + duration);
        }
        elapsedNs.addAndGet(duration.toNanos());
    }

    /**
     * Lets the wall clock jump, as an administrator or NTP would. {@link #nowNs} does not move.
     *
     * @param epochMs what {@link #epochMs} answers from now on, until time moves
     */
    public void setEpochMs(long epochMs) {
        wallClockShiftMs.set(epochMs - elapsedMs());
    }

    /** Moves time by all of {@code maxNs}, unless the thread was unparked or is interrupted: then it moves nothing. */
    @Override
    public void park(long maxNs) {
        Thread thread = Thread.currentThread();
        if (maxNs > 0 && !unparked.remove(thread) && !thread.isInterrupted()) {
            elapsedNs.addAndGet(maxNs);
        }
    }

    @Override
    public void unpark(Thread thread) {
        unparked.add(thread);
    }

    private long elapsedMs() {
        return Duration.ofNanos(elapsedNs.get()).toMillis();
    }
}
