package io.tidemill.lane;

import io.tidemill.spi.ForwardingLog;
import io.tidemill.spi.PartitionLog;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/** A log whose n-th append fails, and nothing is appended by it, or that cannot be compacted. */
final class FailingLog extends ForwardingLog {
    private static final int NO_APPEND = -1;

    private final int failingAppend;
    private final boolean failsToCompact;
    private final Supplier<? extends RuntimeException> failure;
    private int appends;
    private int flushes;
    private int maintained;
    private boolean failsFlushes;

    FailingLog(PartitionLog log, int failingAppend, Supplier<? extends RuntimeException> failure) {
        this(log, failingAppend, false, failure);
    }

    private FailingLog(
            PartitionLog log, int failingAppend, boolean failsToCompact, Supplier<? extends RuntimeException> failure) {
        super(log);
        this.failingAppend = failingAppend;
        this.failsToCompact = failsToCompact;
        this.failure = failure;
    }

    static FailingLog atCompaction(PartitionLog log, Supplier<? extends RuntimeException> failure) {
        return new FailingLog(log, NO_APPEND, true, failure);
    }

    @Override
    public void append(DirectBuffer buffer, int index, int length) {
        if (appends++ == failingAppend) {
            throw failure.get();
        }
        log.append(buffer, index, length);
    }

    void failFlushes(boolean fails) {
        failsFlushes = fails;
    }

    int maintained() {
        return maintained;
    }

    @Override
    public boolean maintain() {
        maintained++;
        return log.maintain();
    }

    int flushes() {
        return flushes;
    }

    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        if (failsToCompact) {
            throw failure.get();
        }
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
}
