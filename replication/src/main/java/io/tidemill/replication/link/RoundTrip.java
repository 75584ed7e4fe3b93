package io.tidemill.replication.link;

/** How long an answer takes, smoothed as TCP does it (RFC 6298). */
final class RoundTrip {
    /** An acknowledgement may be held back for a while, and threads are late. */
    private static final long TIMEOUT_MIN_NS = 4_000_000;

    private static final long TIMEOUT_MAX_NS = 1_000_000_000;
    private static final long FIRST_TIMEOUT_NS = 20_000_000;

    private long smoothedNs;
    private long deviationNs;

    void onSample(long ns) {
        if (smoothedNs == 0) {
            smoothedNs = ns;
            deviationNs = ns / 2;
        } else {
            deviationNs += (Math.abs(ns - smoothedNs) - deviationNs) / 4;
            smoothedNs += (ns - smoothedNs) / 8;
        }
    }

    /** 0 before the first sample. */
    long smoothedNs() {
        return smoothedNs;
    }

    /** By when an answer should have come, after so many times of waiting in vain. */
    long timeoutNs(int attempts) {
        long timeoutNs = smoothedNs == 0 ? FIRST_TIMEOUT_NS : smoothedNs + 4 * deviationNs;
        return Math.min(Math.max(TIMEOUT_MIN_NS, timeoutNs) << Math.min(attempts, 8), TIMEOUT_MAX_NS);
    }
}
