package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.ChronicleSegment;
import io.tidemill.log.chronicle.SegmentName;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.PartitionLog;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in one segment. The writer appends through Chronicle and then publishes where the log ends; cursors read the file
 * by themselves, up to there.
 */
final class SegmentLog implements PartitionLog {
    static final long START_OFFSET = 0;
    private static final Logger LOG = LoggerFactory.getLogger(SegmentLog.class);

    private final String name;
    private final Path directory;
    private final SegmentWriter writer;
    private final PositionIndex index;
    private final LogEnd end;
    private final ReadBuffers buffers;
    private final Consumer<SegmentLog> onClose;
    /** Whether the recovery point is not of this end. */
    private boolean isChanged;
    /** A disk that failed to write once may have forgotten what it failed to write: no later success counts. */
    private @Nullable StorageException flushFailure;

    private volatile boolean closed;

    private SegmentLog(
            String name,
            Path directory,
            Recovery.Recovered recovered,
            ReadBuffers buffers,
            Consumer<SegmentLog> onClose) {
        this.name = name;
        this.directory = directory;
        this.writer = recovered.writer();
        this.index = recovered.index();
        this.isChanged = recovered.isChanged();
        this.end = new LogEnd(recovered.endOffset(), writer.endPosition());
        this.buffers = buffers;
        this.onClose = onClose;
    }

    static SegmentLog open(
            String name, Path directory, boolean machineRestarted, ReadBuffers buffers, Consumer<SegmentLog> onClose) {
        return new SegmentLog(
                name,
                directory,
                Recovery.recover(directory, new SegmentName(START_OFFSET, 0), machineRestarted),
                buffers,
                onClose);
    }

    String name() {
        return name;
    }

    Path file() {
        return writer.path();
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public long startOffset() {
        checkOpen();
        return START_OFFSET;
    }

    @Override
    public long endOffset() {
        checkOpen();
        return end.offsetAcquire();
    }

    @Override
    public int batchBytesMax() {
        return ChronicleSegment.BATCH_BYTES_MAX;
    }

    @Override
    public void append(DirectBuffer buffer, int batchIndex, int length) {
        checkOpen();
        BatchLayout.requireAppendable(name, buffer, batchIndex, length, batchBytesMax(), end.offsetAcquire());
        isChanged = true;
        long position = writer.append(buffer, batchIndex, length);
        index.onBatch(BatchLayout.baseOffset(buffer, batchIndex), position);
        end.release(BatchLayout.endOffset(buffer, batchIndex), writer.endPosition());
    }

    @Override
    public void flush() {
        checkOpen();
        if (flushFailure != null) {
            throw new StorageException(
                    "an earlier flush failed, open the log again: log=" + name + ", reason="
                            + flushFailure.getMessage(),
                    flushFailure);
        }
        try {
            writer.force();
        } catch (StorageException e) {
            flushFailure = e;
            throw e;
        }
    }

    @Override
    public LogCursor newCursor() {
        checkOpen();
        return new SegmentCursor(this, end, index, buffers);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (writer) {
            if (isChanged && flushFailure == null && writer.endPosition() > 0) {
                writeRecoveryPoint();
            }
        } finally {
            onClose.accept(this);
        }
    }

    private void writeRecoveryPoint() {
        long size = writer.trim();
        writer.force();
        int headLength = (int) index.floor(START_OFFSET).position();
        RecoveryPoint point = RecoveryPoint.of(file(), end.offsetAcquire(), size, headLength);
        try {
            point.write(directory);
        } catch (StorageException e) {
            // Everything is there and forced; only the next open has to look more closely.
            LOG.warn("closed without a new recovery point: log={}, reason={}", name, e.getMessage());
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("log is closed: log=" + name);
        }
    }
}
