package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.CorruptRecordException;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment's file through a descriptor of its own, and checks every batch that it steps over. It
 * looks at published bytes only, so it never sees one that changes.
 */
final class SegmentCursor {
    private static final long NULL_POSITION = -1;

    private final Segment segment;
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
    private long batchPosition;

    /** The file and the reader are the caller's, who closes them. */
    SegmentCursor(Segment segment, LogFile file, ExcerptReader reader) {
        this.segment = segment;
        this.file = file;
        this.reader = reader;
        reader.use(file);
    }

    Segment segment() {
        return segment;
    }

    /** Where the next batch begins, or what it holds. */
    long nextOffset() {
        return nextOffset;
    }

    void seek(long offset) {
        nextOffset = Math.max(offset, segment.baseOffset());
        nextPosition = NULL_POSITION;
    }

    /** To where the first batch is found that holds a record of that time or a later one, if there is one. */
    void seekToTime(long timestampMs) {
        nextOffset = segment.baseOffset();
        LogEnd end = segment.end();
        if (nextOffset < end.offsetAcquire()) {
            goTo(segment.index().floorOfTime(timestampMs), end.positionAcquire());
            nextOffset = baseOffsetThere;
        }
    }

    private void goTo(PositionIndex.Entry entry, long endPosition) {
        nextPosition = entry.position();
        baseOffsetThere = entry.baseOffset();
        reader.prefetch(nextPosition, Math.min(entry.nextPosition(), endPosition) - nextPosition, endPosition);
    }

    boolean next(long limitOffset) {
        LogEnd end = segment.end();
        long visibleEndOffset = Math.min(limitOffset, end.offsetAcquire());
        if (nextOffset >= visibleEndOffset) {
            return false;
        }
        long endPosition = end.positionAcquire();
        if (nextPosition == NULL_POSITION) {
            goTo(segment.index().floor(nextOffset), endPosition);
            if (baseOffsetThere > nextOffset) {
                throw corrupt("batch is damaged in front of this one");
            }
        }
        while (true) {
            int header = reader.header(nextPosition, endPosition);
            if (ExcerptLayout.isMetadata(header)) {
                nextPosition = ExcerptLayout.next(nextPosition, header);
                continue;
            }
            if (!isNextBatch(header, endPosition)) {
                skipDamage(endPosition);
                continue;
            }
            int batch = reader.batchIndex(nextPosition);
            long batchEndOffset = BatchLayout.endOffset(reader.buffer(), batch);
            if (batchEndOffset > visibleEndOffset) {
                return false;
            }
            long position = nextPosition;
            nextPosition = ExcerptLayout.next(nextPosition, header);
            baseOffsetThere = batchEndOffset;
            if (batchEndOffset > nextOffset) {
                nextOffset = batchEndOffset;
                buffer = reader.buffer();
                batchIndex = batch;
                batchPosition = position;
                return true;
            }
        }
    }

    private boolean isNextBatch(int header, long endPosition) {
        return reader.hasBatch(nextPosition, header, endPosition)
                && BatchLayout.baseOffset(reader.buffer(), reader.batchIndex(nextPosition)) == baseOffsetThere;
    }

    /** Only on the way to an offset behind it. */
    private void skipDamage(long endPosition) {
        if (nextOffset > baseOffsetThere) {
            long position = reader.findBatch(nextPosition, baseOffsetThere, endPosition);
            if (position < endPosition) {
                long baseOffset = BatchLayout.baseOffset(reader.buffer(), reader.batchIndex(position));
                if (baseOffset <= nextOffset) {
                    nextPosition = position;
                    baseOffsetThere = baseOffset;
                    return;
                }
            }
        }
        throw corrupt("batch is damaged, or does not continue the log");
    }

    private CorruptRecordException corrupt(String what) {
        return new CorruptRecordException(
                what + ": file=" + file.path() + ", position=" + nextPosition + ", offset=" + baseOffsetThere);
    }

    DirectBuffer buffer() {
        if (buffer == null) {
            throw new IllegalStateException("cursor is on no batch");
        }
        return buffer;
    }

    int batchIndex() {
        return batchIndex;
    }

    /** Where in the file the excerpt of the current batch begins. */
    long batchPosition() {
        return batchPosition;
    }
}
