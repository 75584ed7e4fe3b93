package io.tidemill.log;

import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.StorageException;
import io.tidemill.spi.LogCursor;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Reads a log from segment to segment. It has one of them open at a time. */
final class SegmentedCursor implements LogCursor {
    /** What it reads. Any thread. */
    interface Segments {
        String name();

        boolean isClosed();

        long startOffset();

        /** The one that holds an offset, or the nearest. */
        Segment segmentOf(long offset);

        /** Whether the log begins behind it by now. */
        boolean isForgotten(Segment segment);
    }

    private final Segments log;
    private final ReadBuffers buffers;
    private @Nullable SegmentCursor segment;
    /** What the next batch must hold, or lie behind. */
    private long nextOffset;

    private boolean closed;

    SegmentedCursor(Segments log, ReadBuffers buffers) {
        this.log = log;
        this.buffers = buffers;
        this.nextOffset = log.startOffset();
    }

    @Override
    public void seek(long offset) {
        nextOffset = offset;
        if (segment != null) {
            if (segment.segment() == log.segmentOf(offset)) {
                segment.seek(offset);
            } else {
                leaveSegment();
            }
        }
    }

    @Override
    public boolean next(long limitOffset) {
        while (!closed && !log.isClosed()) {
            SegmentCursor current = enterSegment();
            // Asked first: what is sealed has all of its batches.
            boolean isSealed = current.segment().isSealed();
            if (tryNext(current, limitOffset)) {
                nextOffset = current.nextOffset();
                return true;
            }
            long endOffset = current.segment().end().offsetAcquire();
            if (!isSealed || Math.min(nextOffset, limitOffset) < endOffset) {
                return false;
            }
            nextOffset = Math.max(nextOffset, endOffset);
            leaveSegment();
        }
        return false;
    }

    private boolean tryNext(SegmentCursor current, long limitOffset) {
        try {
            return current.next(limitOffset);
        } catch (StorageException e) {
            if (log.isForgotten(current.segment())) {
                throw new OffsetOutOfRangeException("the records were deleted meanwhile: offset=" + nextOffset
                        + ", startOffset=" + log.startOffset() + ", log=" + log.name());
            }
            throw e;
        }
    }

    private SegmentCursor enterSegment() {
        SegmentCursor current = segment;
        if (current == null) {
            current = new SegmentCursor(log.segmentOf(nextOffset), buffers);
            current.seek(nextOffset);
            segment = current;
        }
        return current;
    }

    private void leaveSegment() {
        if (segment != null) {
            segment.close();
            segment = null;
        }
    }

    @Override
    public DirectBuffer buffer() {
        return current().buffer();
    }

    @Override
    public int batchIndex() {
        return current().batchIndex();
    }

    private SegmentCursor current() {
        if (segment == null) {
            throw new IllegalStateException("cursor is on no batch");
        }
        return segment;
    }

    @Override
    public void close() {
        closed = true;
        leaveSegment();
    }
}
