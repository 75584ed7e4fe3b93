package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.spi.LogCursor;
import java.nio.file.StandardOpenOption;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment's file through a descriptor of its own, and checks every batch that it steps over. It
 * looks at published bytes only, so it never sees one that changes.
 */
final class SegmentCursor implements LogCursor {
    private static final long NULL_POSITION = -1;

    private final SegmentLog log;
    private final LogEnd end;
    private final PositionIndex index;
    private final LogFile file;
    private final ExcerptReader reader;

    /** What the next batch must hold, or lie behind. */
    private long nextOffset;
    /** Where to look for it, or {@link #NULL_POSITION} after a seek. */
    private long nextPosition = NULL_POSITION;
    /** The base offset of the batch at {@link #nextPosition}. */
    private long baseOffsetThere;

    private @Nullable DirectBuffer buffer;
    private int batchIndex;
    private boolean closed;

    SegmentCursor(SegmentLog log, LogEnd end, PositionIndex index, ReadBuffers buffers) {
        this.log = log;
        this.end = end;
        this.index = index;
        this.file = new LogFile(log.file(), StandardOpenOption.READ);
        this.reader = new ExcerptReader(file, buffers);
    }

    @Override
    public void seek(long offset) {
        nextOffset = Math.max(offset, SegmentLog.START_OFFSET);
        nextPosition = NULL_POSITION;
    }

    @Override
    public boolean next(long limitOffset) {
        if (closed || log.isClosed()) {
            return false;
        }
        long visibleEndOffset = Math.min(limitOffset, end.offsetAcquire());
        if (nextOffset >= visibleEndOffset) {
            return false;
        }
        long endPosition = end.positionAcquire();
        if (nextPosition == NULL_POSITION) {
            PositionIndex.Entry entry = index.floor(nextOffset);
            nextPosition = entry.position();
            baseOffsetThere = entry.baseOffset();
        }
        while (true) {
            int header = reader.header(nextPosition, endPosition);
            if (ExcerptLayout.isMetadata(header)) {
                nextPosition = ExcerptLayout.next(nextPosition, header);
                continue;
            }
            check(header, endPosition);
            int batch = reader.batchIndex(nextPosition);
            long batchEndOffset = BatchLayout.endOffset(reader.buffer(), batch);
            if (batchEndOffset > visibleEndOffset) {
                return false;
            }
            nextPosition = ExcerptLayout.next(nextPosition, header);
            baseOffsetThere = batchEndOffset;
            if (batchEndOffset > nextOffset) {
                nextOffset = batchEndOffset;
                buffer = reader.buffer();
                batchIndex = batch;
                return true;
            }
        }
    }

    private void check(int header, long endPosition) {
        if (!reader.hasBatch(nextPosition, header, endPosition)) {
            throw corrupt("batch is damaged");
        }
        int batch = reader.batchIndex(nextPosition);
        if (BatchLayout.baseOffset(reader.buffer(), batch) != baseOffsetThere
                || BatchLayout.endOffset(reader.buffer(), batch) <= baseOffsetThere) {
            throw corrupt("batch does not continue the log");
        }
    }

    private CorruptRecordException corrupt(String what) {
        return new CorruptRecordException(
                what + ": file=" + file.path() + ", position=" + nextPosition + ", offset=" + baseOffsetThere);
    }

    @Override
    public DirectBuffer buffer() {
        if (buffer == null) {
            throw new IllegalStateException("cursor is on no batch");
        }
        return buffer;
    }

    @Override
    public int batchIndex() {
        return batchIndex;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            buffer = null;
            reader.close();
            file.close();
        }
    }
}
