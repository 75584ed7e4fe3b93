package io.tidemill.replication.link;

/**
 * Finds out how long frames can be on the way to a peer: tries longer and longer ones, each a few times, until one does not arrive or
 * the transport takes no longer ones. A way may become another one, and a peer may have been busy for as long as it was asked: after
 * a pause it tries again, and the pauses grow as long as that is in vain. Owned by the thread that has the session.
 */
final class FrameSizeProbe {
    private static final int ATTEMPTS_MAX = 3;
    private static final long ANSWER_NS = 50_000_000;
    private static final long PAUSE_MIN_NS = 500_000_000;
    private static final long PAUSE_MAX_NS = 60_000_000_000L;
    /** The first length beyond what is safe; each further one is twice as long. */
    private static final int FIRST_BYTES = 8 * 1024;

    private final int safeBytes;
    private final int bytesMax;
    private int frameBytes;
    private int attempts;
    /** When the next one is due, unless one arrives before. */
    private long dueNs;

    private long pauseNs = PAUSE_MIN_NS;

    FrameSizeProbe(int safeBytes, int bytesMax, long nowNs) {
        this.safeBytes = Math.min(safeBytes, bytesMax);
        this.bytesMax = bytesMax;
        this.frameBytes = this.safeBytes;
        this.dueNs = nowNs;
    }

    /** How long frames may be, by what is known. */
    int frameBytes() {
        return frameBytes;
    }

    /** Whether frames are longer than every way takes. */
    boolean isBeyondSafe() {
        return frameBytes > safeBytes;
    }

    /** How long the next probe is. */
    int probeBytes() {
        return Math.min(bytesMax, Math.max(FIRST_BYTES, 2 * frameBytes));
    }

    boolean isDue(long nowNs) {
        return frameBytes < bytesMax && nowNs - dueNs >= 0;
    }

    /** A probe is about to be sent; false if there were enough of that length for now. */
    boolean begin(long nowNs) {
        if (attempts == ATTEMPTS_MAX) {
            pause(nowNs);
            return false;
        }
        attempts++;
        dueNs = nowNs + ANSWER_NS;
        return true;
    }

    private void pause(long nowNs) {
        attempts = 0;
        dueNs = nowNs + pauseNs;
        pauseNs = Math.min(PAUSE_MAX_NS, 2 * pauseNs);
    }

    /** A frame of that length arrived; true if frames may be longer for it. */
    boolean onArrived(int bytes, long nowNs) {
        if (frameBytes == bytesMax || bytes != probeBytes()) {
            return false;
        }
        frameBytes = bytes;
        attempts = 0;
        dueNs = nowNs;
        if (frameBytes == bytesMax) {
            pauseNs = PAUSE_MIN_NS;
        }
        return true;
    }

    /** Long frames do not arrive any more. */
    void fallBack(long nowNs) {
        frameBytes = safeBytes;
        pause(nowNs);
    }

    long idleNsMax(long nowNs) {
        return frameBytes == bytesMax ? Long.MAX_VALUE : Math.max(0, dueNs - nowNs);
    }
}
