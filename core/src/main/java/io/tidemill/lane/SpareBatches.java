package io.tidemill.lane;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The batches of a lane: those that were handed over and are not answered yet, which are counted, and those that no partition
 * uses for the moment. Of these the last one that was given back is taken first, because its memory is in
 * the processor's caches. Small ones are all kept, large ones as long as those that are here hold no more than the ring does.
 *
 * <p>Owned by the lane thread.
 */
final class SpareBatches implements AutoCloseable {
    private static final int SMALL_BYTES = 16 * 1024;

    private final Deque<GatheredBatch> batches = new ArrayDeque<>();
    private final int bytesMax;
    private long bytes;
    /** Of those that were handed over. */
    private int answersOwed;

    private long bytesOwed;
    private boolean isAnyAnswered;

    SpareBatches(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    GatheredBatch take() {
        GatheredBatch batch = batches.poll();
        if (batch == null) {
            return new GatheredBatch(this);
        }
        bytes -= batch.capacityBytes();
        return batch;
    }

    /** Somebody will answer it. */
    void onHandedOver(GatheredBatch batch) {
        answersOwed += batch.answersOwed();
        bytesOwed += batch.length();
    }

    /** It is answered, or nobody will do it. */
    void onAnswered(GatheredBatch batch) {
        answersOwed -= batch.answersOwed();
        bytesOwed -= batch.length();
        isAnyAnswered = true;
    }

    /** Whether there was an answer since this was asked the last time. */
    boolean takeAnswered() {
        boolean was = isAnyAnswered;
        isAnyAnswered = false;
        return was;
    }

    int answersOwed() {
        return answersOwed;
    }

    long bytesOwed() {
        return bytesOwed;
    }

    void give(GatheredBatch empty) {
        if (empty.capacityBytes() <= SMALL_BYTES || bytes + empty.capacityBytes() <= bytesMax) {
            batches.push(empty);
            bytes += empty.capacityBytes();
        } else {
            empty.close();
        }
    }

    @Override
    public void close() {
        batches.forEach(GatheredBatch::close);
        batches.clear();
        bytes = 0;
    }
}
