package io.tidemill.lane;

import io.tidemill.spi.LogCursor;
import io.tidemill.spi.PartitionLog;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/** A log whose n-th append fails, and nothing is appended by it. */
final class FailingLog implements PartitionLog {
    private final PartitionLog log;
    private final int failingAppend;
    private final Supplier<? extends RuntimeException> failure;
    private int appends;
    private int flushes;
    private boolean failsFlushes;

    FailingLog(PartitionLog log, int failingAppend, Supplier<? extends RuntimeException> failure) {
        this.log = log;
        this.failingAppend = failingAppend;
        this.failure = failure;
    }

    @Override
    public void append(DirectBuffer buffer, int index, int length) {
        if (appends++ == failingAppend) {
            throw failure.get();
        }
        log.append(buffer, index, length);
    }

    @Override
    public long startOffset() {
        return log.startOffset();
    }

    @Override
    public long endOffset() {
        return log.endOffset();
    }

    @Override
    public int batchBytesMax() {
        return log.batchBytesMax();
    }

    @Override
    public void truncate(long endOffset) {
        log.truncate(endOffset);
    }

    @Override
    public void deleteOld() {
        log.deleteOld();
    }

    void failFlushes(boolean fails) {
        failsFlushes = fails;
    }

    int flushes() {
        return flushes;
    }

    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        return log.compact(limitOffset, isStopped);
    }

    @Override
    public void flush() {
        flushes++;
        if (failsFlushes) {
            throw failure.get();
        }
        log.flush();
    }

    @Override
    public LogCursor newCursor() {
        return log.newCursor();
    }

    @Override
    public void close() {
        log.close();
    }
}
