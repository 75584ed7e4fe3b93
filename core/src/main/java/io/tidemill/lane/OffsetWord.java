package io.tidemill.lane;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One offset that the lane thread moves forward and everybody reads. What was written before a release is visible after
 * an acquire that sees it.
 */
final class OffsetWord {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(OffsetWord.class, "value", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused")
    private long value;

    OffsetWord(long initial) {
        VALUE.setRelease(this, initial);
    }

    long acquire() {
        return (long) VALUE.getAcquire(this);
    }

    void release(long offset) {
        VALUE.setRelease(this, offset);
    }
}
