package io.tidemill.replication.link;

/**
 * How much of a stream may be under way, so that it does not go down on the way. Only loss tells that it is too much, and not
 * each loss does: a way that loses one frame in a hundred whatever one sends would never be used well.
 *
 * <p>So it goes in rounds, each as long as acknowledging a window takes. It starts with doubling in each round. A round that lost
 * more than {@link #TOLERATED_LOSS} ends that, and takes away the part that was lost, half at most; each other round
 * then adds a little. Silence leaves the least. A window that is not used does not grow.
 */
final class CongestionWindow {
    private static final double TOLERATED_LOSS = 0.02;
    private static final double CUT_MAX = 0.5;
    private static final int FIRST_FRAMES = 32;
    private static final int LEAST_FRAMES = 4;
    /** The part of itself that a round adds; a frame, where that is more. */
    private static final int GROWTH_FRACTION = 32;

    private final long bytesMax;
    private int frameBytes;
    private long bytes;
    private boolean doubles = true;
    private long ackedInRound;
    private long lostInRound;

    CongestionWindow(long bytesMax, int frameBytes) {
        this.bytesMax = bytesMax;
        this.frameBytes = frameBytes;
        this.bytes = Math.min(bytesMax, (long) FIRST_FRAMES * frameBytes);
    }

    long bytes() {
        return bytes;
    }

    /** Frames have another length from now on. */
    void onFrameBytes(int newFrameBytes) {
        frameBytes = newFrameBytes;
        bytes = clamp(bytes);
    }

    void onAcked(long ackedBytes, boolean isUsed) {
        ackedInRound += ackedBytes;
        if (doubles && isUsed) {
            bytes = clamp(bytes + ackedBytes);
        }
        if (ackedInRound >= bytes) {
            endRound(isUsed);
        }
    }

    void onLost(long lostBytes) {
        lostInRound += lostBytes;
    }

    /** Nothing was heard for long. */
    void onSilence() {
        bytes = clamp(0);
        doubles = true;
        beginRound();
    }

    private void endRound(boolean isUsed) {
        double loss = (double) lostInRound / (ackedInRound + lostInRound);
        if (loss > TOLERATED_LOSS) {
            doubles = false;
            bytes = clamp((long) (bytes * (1 - Math.min(CUT_MAX, loss))));
        } else if (isUsed && !doubles) {
            bytes = clamp(bytes + Math.max(frameBytes, bytes / GROWTH_FRACTION));
        }
        beginRound();
    }

    private void beginRound() {
        ackedInRound = 0;
        lostInRound = 0;
    }

    private long clamp(long wanted) {
        return Math.min(bytesMax, Math.max((long) LEAST_FRAMES * frameBytes, wanted));
    }
}
