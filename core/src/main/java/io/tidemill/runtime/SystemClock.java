package io.tidemill.runtime;

import io.tidemill.spi.Clock;

/** The system's own time. */
public enum SystemClock implements Clock {
    INSTANCE;

    @Override
    public long nowNs() {
        return System.nanoTime();
    }

    @Override
    public long epochMs() {
        return System.currentTimeMillis();
    }
}
