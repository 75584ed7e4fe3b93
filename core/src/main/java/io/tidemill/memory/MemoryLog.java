package io.tidemill.memory;

import io.tidemill.batch.BatchLayout;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogObserver;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;

/** The hold that one broker has on the {@link BatchChunks} of a log. They stay when it is closed. */
final class MemoryLog implements PartitionLog {
    private static final int BATCH_BYTES_MAX = 16 * 1024 * 1024;

    private final String name;
    private final BatchChunks chunks;
    private final Clock clock;
    private final Consumer<MemoryLog> onClose;
    private volatile LogObserver observer = LogObserver.NONE;
    private volatile boolean closed;

    MemoryLog(String name, BatchChunks chunks, Clock clock, Consumer<MemoryLog> onClose) {
        this.name = name;
        this.chunks = chunks;
        this.clock = clock;
        this.onClose = onClose;
    }

    @Override
    public long startOffset() {
        checkOpen();
        return chunks.startOffset();
    }

    @Override
    public long endOffset() {
        checkOpen();
        return chunks.endOffsetAcquire();
    }

    @Override
    public int batchBytesMax() {
        return BATCH_BYTES_MAX;
    }

    @Override
    public void append(DirectBuffer buffer, int index, int length) {
        checkOpen();
        BatchLayout.requireAppendable(name, buffer, index, length, BATCH_BYTES_MAX, chunks.endOffsetAcquire());
        chunks.append(buffer, index, length);
    }

    @Override
    public void truncate(long endOffset) {
        checkOpen();
        if (endOffset < startOffset()) {
            throw new IllegalArgumentException("cannot truncate below the start: log=" + name + ", endOffset="
                    + endOffset + ", startOffset=" + startOffset());
        }
        chunks.truncate(endOffset);
    }

    @Override
    public void beginAt(long startOffset) {
        checkOpen();
        if (startOffset < 0) {
            throw new IllegalArgumentException(
                    "a log cannot begin below 0: log=" + name + ", startOffset=" + startOffset);
        }
        chunks.beginAt(startOffset);
    }

    @Override
    public void alter(LogSettings settings) {
        chunks.configure(settings);
    }

    @Override
    public void deleteOld() {
        checkOpen();
        long deletedBytes = chunks.deleteOld(clock.epochMs());
        if (deletedBytes > 0) {
            observer.onDeleted(chunks.startOffset(), deletedBytes);
        }
    }

    @Override
    public void observedBy(LogObserver newObserver) {
        observer = newObserver;
    }

    @Override
    public long bytes() {
        return chunks.bytes();
    }

    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        checkOpen();
        return chunks.compact(this, clock.epochMs(), limitOffset, () -> closed || isStopped.getAsBoolean());
    }

    @Override
    public void flush() {
        checkOpen();
    }

    @Override
    public LogCursor newCursor() {
        checkOpen();
        return new MemoryLogCursor(this, chunks);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onClose.accept(this);
        }
    }

    String name() {
        return name;
    }

    boolean isClosed() {
        return closed;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("log is closed: name=" + name);
        }
    }
}
