package io.tidemill.log;

import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.StorageException;
import io.tidemill.spi.LogCursor;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Reads a log from segment to segment. It has one of them open at a time. */
final class SegmentedCursor implements LogCursor {
    /** What it reads. Any thread. */
    interface Source {
        String name();

        boolean isClosed();

        /** Where it starts, whether it is open or not. */
        long firstOffset();

        /** The one that holds an offset, or the nearest. */
        Segment segmentOf(long offset);

        /** A file is missing: finds out which segments there are by now. */
        void lookAgain();
    }

    private final Source log;
    private final ReadBuffers buffers;
    private @Nullable SegmentCursor segment;
    /** What the next batch must hold, or lie behind. */
    private long nextOffset;

    private boolean closed;

    SegmentedCursor(Source log, ReadBuffers buffers) {
        this.log = log;
        this.buffers = buffers;
        this.nextOffset = log.firstOffset();
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
            try {
                if (current.next(limitOffset)) {
                    nextOffset = current.nextOffset();
                    return true;
                }
            } catch (StorageException e) {
                requireGone(current.segment(), e);
                leaveSegment();
                continue;
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

    /** A file that was not open yet may be deleted by now. Then the records are gone with it, or in another one. */
    private void requireGone(Segment unreadable, StorageException reason) {
        log.lookAgain();
        long startOffset = log.firstOffset();
        if (unreadable.baseOffset() < startOffset) {
            throw new OffsetOutOfRangeException("the records were deleted meanwhile: offset=" + nextOffset
                    + ", startOffset=" + startOffset + ", log=" + log.name());
        }
        if (log.segmentOf(unreadable.baseOffset()) == unreadable) {
            throw reason;
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
