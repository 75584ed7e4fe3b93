package io.tidemill.runtime;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A few buffers to encode into, for any number of threads. Not thread-locals: those stay for as long as the threads do,
 * and virtual threads are many.
 */
public final class Scratches {
    private static final int STRIPES = 16;
    private static final int INITIAL_BYTES = 1024;
    /** A buffer that one huge record has blown up is not kept. */
    private static final int KEPT_BYTES_MAX = 256 * 1024;

    private final AtomicReferenceArray<@Nullable ExpandableArrayBuffer> spare = new AtomicReferenceArray<>(STRIPES);

    /** Of the calling thread alone until it gives it back. */
    public ExpandableArrayBuffer take() {
        ExpandableArrayBuffer buffer = spare.getAndSet(stripe(), null);
        return buffer != null ? buffer : new ExpandableArrayBuffer(INITIAL_BYTES);
    }

    /** What {@link #take} gave; not used any more by the caller. */
    public void giveBack(ExpandableArrayBuffer buffer) {
        if (buffer.capacity() <= KEPT_BYTES_MAX) {
            spare.lazySet(stripe(), buffer);
        }
    }

    private static int stripe() {
        return System.identityHashCode(Thread.currentThread()) & (STRIPES - 1);
    }
}
