package io.tidemill.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The words by which the writer tells the readers how far the log goes: everything below them is complete and never
 * changes. The position is released before the offset, so whoever acquires the offset first gets a position that covers
 * it.
 */
final class LogEnd {
    private static final VarHandle OFFSET;
    private static final VarHandle POSITION;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OFFSET = lookup.findVarHandle(LogEnd.class, "offset", long.class);
            POSITION = lookup.findVarHandle(LogEnd.class, "position", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long offset;
    private long position;

    LogEnd(long offset, long position) {
        this.offset = offset;
        this.position = position;
    }

    long offsetAcquire() {
        return (long) OFFSET.getAcquire(this);
    }

    long positionAcquire() {
        return (long) POSITION.getAcquire(this);
    }

    /** Writer's thread. The other way round, so that no reader looks for more than there is. */
    void releaseLower(long endOffset, long endPosition) {
        OFFSET.setRelease(this, endOffset);
        POSITION.setRelease(this, endPosition);
    }

    /** Writer's thread. */
    void release(long endOffset, long endPosition) {
        POSITION.setRelease(this, endPosition);
        OFFSET.setRelease(this, endOffset);
    }
}
