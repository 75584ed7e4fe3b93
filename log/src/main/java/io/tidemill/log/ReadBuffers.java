package io.tidemill.log;

import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.BufferUtil;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Lends buffers to those who read a file through. What comes back is kept for the next one, because memory that somebody may
 * still look at cannot be freed by hand, and fresh memory costs a tenth of the time that reading a million records takes.
 */
final class ReadBuffers {
    static final int LENGTH = 1024 * 1024;
    /** Processors take a copy's loads for its own stores when the target lies just ahead of the source within the page. */
    static final int ALIGNMENT = 4096;

    private static final int LENT_MAX = 64;
    private static final int KEPT_MAX = 8;

    private final Queue<UnsafeBuffer> kept = new ManyToManyConcurrentArrayQueue<>(KEPT_MAX);
    private final AtomicInteger lent = new AtomicInteger();

    static UnsafeBuffer allocate(int length) {
        return new UnsafeBuffer(BufferUtil.allocateDirectAligned(length, ALIGNMENT));
    }

    /** Null when so many are lent that the borrower has to do with a small one of its own. */
    @Nullable
    UnsafeBuffer borrow() {
        if (lent.incrementAndGet() > LENT_MAX) {
            lent.decrementAndGet();
            return null;
        }
        UnsafeBuffer buffer = kept.poll();
        return buffer == null ? allocate(LENGTH) : buffer;
    }

    void giveBack(UnsafeBuffer buffer) {
        lent.decrementAndGet();
        kept.offer(buffer);
    }
}
