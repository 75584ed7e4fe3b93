package io.tidemill.producer;

import io.tidemill.ring.RunSink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counts what became of one raw producer's records. Written by the lane thread, read by anyone. */
final class Tally implements RunSink {
    private static final VarHandle ANSWERED;
    private static final VarHandle FAILED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ANSWERED = lookup.findVarHandle(Tally.class, "answered", long.class);
            FAILED = lookup.findVarHandle(Tally.class, "failed", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long answered;
    private long failed;

    @Override
    public boolean isForOneRun() {
        return false;
    }

    @Override
    public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {
        ANSWERED.setRelease(this, answered + recordCount);
    }

    @Override
    public void onFailed(int recordCount, RuntimeException cause) {
        // In this order: whoever sees a record answered also sees that it failed.
        FAILED.setRelease(this, failed + recordCount);
        ANSWERED.setRelease(this, answered + recordCount);
    }

    long answeredAcquire() {
        return (long) ANSWERED.getAcquire(this);
    }

    long failedAcquire() {
        return (long) FAILED.getAcquire(this);
    }
}
