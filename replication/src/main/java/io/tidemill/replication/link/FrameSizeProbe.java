package io.tidemill.replication.link;

/**
 * Finds out how long frames can be on the way to a peer: tries longer and longer ones, each a few times, until one does not arrive or
 * the transport takes no longer ones. Owned by the thread that has the session.
 */
final class FrameSizeProbe {
    private static final int ATTEMPTS_MAX = 3;
    private static final long ANSWER_NS = 50_000_000;
    /** The first length beyond what is safe; each further one is twice as long. */
    private static final int FIRST_BYTES = 8 * 1024;

    private final int bytesMax;
    private int frameBytes;
    private int attempts;
    private long attemptNs;
    private boolean isOver;

    FrameSizeProbe(int safeBytes, int bytesMax) {
        this.bytesMax = bytesMax;
        this.frameBytes = Math.min(safeBytes, bytesMax);
        this.isOver = frameBytes == bytesMax;
    }

    /** How long frames may be, by what is known. */
    int frameBytes() {
        return frameBytes;
    }

    /** How long the next probe is. */
    int probeBytes() {
        return Math.min(bytesMax, Math.max(FIRST_BYTES, 2 * frameBytes));
    }

    boolean isDue(long nowNs) {
        return !isOver && (attempts == 0 || nowNs - attemptNs >= ANSWER_NS);
    }

    /** A probe is about to be sent; false if there were enough of that length. */
    boolean begin(long nowNs) {
        isOver = attempts == ATTEMPTS_MAX;
        attempts++;
        attemptNs = nowNs;
        return !isOver;
    }

    /** A frame of that length arrived; true if frames may be longer for it. */
    boolean onArrived(int bytes) {
        if (isOver || bytes != probeBytes()) {
            return false;
        }
        frameBytes = bytes;
        attempts = 0;
        isOver = frameBytes == bytesMax;
        return true;
    }

    /** Nothing arrives any more: the way may have become another one. */
    void fallBackTo(int safeBytes) {
        frameBytes = Math.min(frameBytes, safeBytes);
        isOver = true;
    }

    long idleNsMax(long nowNs) {
        return isOver ? Long.MAX_VALUE : attempts == 0 ? 0 : attemptNs + ANSWER_NS - nowNs;
    }
}
