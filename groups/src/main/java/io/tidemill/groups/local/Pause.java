package io.tidemill.groups.local;

import java.time.Duration;

/** What must not be tried again at once, and each time a little later. Written by one thread at a time, read by any. */
final class Pause {
    private static final long MIN_NS = Duration.ofMillis(1).toNanos();
    private static final long MAX_NS = Duration.ofMillis(50).toNanos();

    private long nextNs = MIN_NS;
    private volatile boolean isOn;
    private volatile long untilNs;

    void begin(long nowNs) {
        untilNs = nowNs + nextNs;
        nextNs = Math.min(2 * nextNs, MAX_NS);
        isOn = true;
    }

    /** It is tried. */
    void end() {
        isOn = false;
    }

    /** It has succeeded. */
    void reset() {
        isOn = false;
        nextNs = MIN_NS;
    }

    /** Whether it must not be tried yet. */
    boolean holds(long nowNs) {
        return isOn && nowNs - untilNs < 0;
    }

    /** Whether it may be tried now, and may not have been before. */
    boolean isOver(long nowNs) {
        return isOn && nowNs - untilNs >= 0;
    }

    /** How long it is until it may be tried; {@link Long#MAX_VALUE} when there is none. */
    long leftNs(long nowNs) {
        return isOn ? Math.max(0, untilNs - nowNs) : Long.MAX_VALUE;
    }
}
