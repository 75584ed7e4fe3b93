package io.tidemill.spi;

import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/**
 * A log over another one, of which a test overrides what it wants otherwise. What has a default keeps that: so nobody maintains
 * the log behind it, unless that is overridden, too.
 */
public abstract class ForwardingLog implements PartitionLog {
    protected final PartitionLog log;

    protected ForwardingLog(PartitionLog log) {
        this.log = log;
    }

    @Override
    public void append(DirectBuffer buffer, int index, int length) {
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
    public void beginAt(long startOffset) {
        log.beginAt(startOffset);
    }

    @Override
    public void alter(LogSettings settings) {
        log.alter(settings);
    }

    @Override
    public void deleteOld() {
        log.deleteOld();
    }

    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        return log.compact(limitOffset, isStopped);
    }

    @Override
    public void flush() {
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
