package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.StorageException;
import io.tidemill.spi.LogCursor;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Reads a log from segment to segment. Who reads on has one of them open at a time, who seeks the last few. */
final class SegmentedCursor implements LogCursor {
    /** What it reads. Any thread. */
    interface Source {
        String name();

        boolean isClosed();

        /** Where it starts, whether it is open or not. */
        long firstOffset();

        /** The one that holds an offset, or the nearest. */
        Segment segmentOf(long offset);

        /** The first one with a record of that time or a later one, or the last one. */
        Segment segmentOfTime(long timestampMs);

        /** Of the newest record, or of one that was forgotten since. */
        long maxTimestamp();

        /** A file is missing: finds out which segments there are by now. */
        void lookAgain();
    }

    private final Source log;
    private final ReadBuffers buffers;
    private final OpenFiles files = new OpenFiles();
    private @Nullable ExcerptReader reader;
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
                segment = null;
            }
        }
    }

    @Override
    public boolean nextOfTime(long timestampMs, long limitOffset) {
        if (closed || log.isClosed()) {
            return false;
        }
        enterAtTime(timestampMs);
        while (next(limitOffset)) {
            if (BatchLayout.maxTimestamp(buffer(), batchIndex()) >= timestampMs) {
                return true;
            }
        }
        return false;
    }

    private void enterAtTime(long timestampMs) {
        while (true) {
            Segment first = log.segmentOfTime(timestampMs);
            try {
                SegmentCursor cursor = enter(first);
                cursor.seekToTime(timestampMs);
                nextOffset = cursor.nextOffset();
                return;
            } catch (StorageException e) {
                log.lookAgain();
                if (log.segmentOf(first.baseOffset()) == first) {
                    throw e;
                }
                leaveSegment();
            }
        }
    }

    @Override
    public boolean nextOfMaxTime(long limitOffset) {
        // What was cut off may have been the newest; then every batch has to be looked at.
        return nextOfTime(log.maxTimestamp(), limitOffset) || LogCursor.super.nextOfMaxTime(limitOffset);
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
            // A segment that was forgotten ends where it begins, which may be behind what was sought.
            if (!isSealed || Math.min(current.nextOffset(), limitOffset) < endOffset) {
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
            current = enter(log.segmentOf(nextOffset));
            current.seek(nextOffset);
        }
        return current;
    }

    private SegmentCursor enter(Segment entered) {
        LogFile file = files.of(entered, log);
        ExcerptReader present = reader;
        if (present == null) {
            present = new ExcerptReader(file, buffers);
            reader = present;
        }
        SegmentCursor cursor = new SegmentCursor(entered, file, present);
        segment = cursor;
        return cursor;
    }

    private void leaveSegment() {
        if (segment != null) {
            files.close(segment.segment());
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
        segment = null;
        if (reader != null) {
            reader.close();
            reader = null;
        }
        files.close();
    }
}
