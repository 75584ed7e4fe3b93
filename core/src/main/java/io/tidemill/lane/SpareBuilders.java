package io.tidemill.lane;

import io.tidemill.batch.BatchBuilder;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.CloseHelper;

/**
 * Builders that no partition uses for the moment; the last one that was given back is taken first, because its memory is in
 * the processor's caches. Small ones are all kept, large ones as long as those that are here hold no more than the ring does.
 *
 * <p>Owned by the lane thread.
 */
final class SpareBuilders implements AutoCloseable {
    private static final int SMALL_BYTES = 16 * 1024;

    private final Deque<BatchBuilder> builders = new ArrayDeque<>();
    private final int bytesMax;
    private long bytes;

    SpareBuilders(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    BatchBuilder take() {
        BatchBuilder builder = builders.poll();
        if (builder == null) {
            return new BatchBuilder();
        }
        bytes -= builder.capacity();
        return builder;
    }

    void give(BatchBuilder empty) {
        if (empty.capacity() <= SMALL_BYTES || bytes + empty.capacity() <= bytesMax) {
            builders.push(empty);
            bytes += empty.capacity();
        } else {
            empty.close();
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(builders);
        builders.clear();
        bytes = 0;
    }
}
