package io.tidemill.spi;

/** A clock that stands until the test moves it. */
public final class SetClock implements Clock {
    private long nowMs;

    public SetClock(long nowMs) {
        this.nowMs = nowMs;
    }

    public void advance(long ms) {
        nowMs += ms;
    }

    @Override
    public long nowNs() {
        return nowMs * 1_000_000;
    }

    @Override
    public long epochMs() {
        return nowMs;
    }
}
