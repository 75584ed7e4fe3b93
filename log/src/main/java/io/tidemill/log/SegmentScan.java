package io.tidemill.log;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import org.agrona.DirectBuffer;

/**
 * Walks over a segment's file from its beginning to where the log ends, and looks at every byte of it.
 *
 * <p>The log ends where no further batch follows. Where the bytes at hand are no batch, but batches below the recovery
 * point must follow, it looks for the next one; what lies between is damage. Nothing of an older use ever lies in a
 * segment's file, so a batch that is whole and continues the offsets belongs where it is found.
 */
final class SegmentScan {
    private static final int STEP_BYTES = 512 * 1024;

    /** Is told what there is, in order. */
    interface Visitor {
        /** A whole batch, in an excerpt at that position. */
        void onBatch(long position, DirectBuffer buffer, int batchIndex, int length);

        /** Bytes that are no batch, where those below the next offset should be, if that is another one. */
        void onDamage(long position, long nextPosition, long offset, long nextOffset);
    }

    /**
     * Where the walk ended.
     *
     * @param endPosition where the next excerpt goes
     * @param isTailClean whether there are zeros only behind it
     * @param isHeadSound whether the file begins as Chronicle wants it
     */
    record End(long endOffset, long endPosition, boolean isTailClean, boolean isHeadSound) {}

    private final ExcerptReader reader;
    private final long size;
    private final long recoveredOffset;
    private long position;
    /** Where the metadata right in front of the position begins; the position itself if there is none. */
    private long metadataPosition;

    private final long baseOffset;
    private long endOffset;

    private SegmentScan(
            LogFile file,
            ExcerptReader reader,
            long baseOffset,
            long position,
            long recoveredOffset,
            long endPosition) {
        this.reader = reader;
        this.size = Math.min(file.size(), endPosition);
        this.baseOffset = baseOffset;
        this.recoveredOffset = recoveredOffset;
        this.position = position;
        this.metadataPosition = position;
        this.endOffset = baseOffset;
    }

    static End scan(LogFile file, long baseOffset, long recoveredOffset, Visitor visitor) {
        return scan(file, new ReadBuffers(), baseOffset, 0, recoveredOffset, Long.MAX_VALUE, visitor);
    }

    /** From a batch on, or the beginning, as if the file ended there at the latest. */
    static End scan(
            LogFile file,
            ReadBuffers buffers,
            long baseOffset,
            long position,
            long recoveredOffset,
            long endPosition,
            Visitor visitor) {
        try (ExcerptReader reader = new ExcerptReader(file, buffers)) {
            return new SegmentScan(file, reader, baseOffset, position, recoveredOffset, endPosition).scan(visitor);
        }
    }

    /** From a batch on of which it is known where it lies. */
    static End scanTail(LogFile file, PositionIndex.Entry from, Visitor visitor) {
        return scan(file, new ReadBuffers(), from.baseOffset(), from.position(), 0, Long.MAX_VALUE, visitor);
    }

    private End scan(Visitor visitor) {
        boolean isHeadSound = isWholeMetadata(0, reader.header(0, size));
        while (true) {
            int header = reader.header(position, size);
            if (isWholeMetadata(position, header)) {
                metadataPosition = position;
                position = ExcerptLayout.next(position, header);
            } else if (isNextBatch(position, header)) {
                int batch = reader.batchIndex(position);
                visitor.onBatch(position, reader.buffer(), batch, ExcerptLayout.length(header));
                endOffset = BatchLayout.endOffset(reader.buffer(), batch);
                position = ExcerptLayout.next(position, header);
                metadataPosition = position;
            } else {
                boolean isTailClean = isZero(position);
                long next = isMoreExpected() ? findBatch(isTailClean) : size;
                if (next == size) {
                    return new End(endOffset, position, isTailClean, isHeadSound);
                }
                long nextOffset = BatchLayout.baseOffset(reader.buffer(), reader.batchIndex(next));
                visitor.onDamage(metadataPosition, next, endOffset, nextOffset);
                endOffset = nextOffset;
                position = next;
                metadataPosition = next;
            }
        }
    }

    private long findBatch(boolean isTailClean) {
        // What was taken for metadata may be the damage: a batch with a wrong header, or a wrong length over batches.
        boolean isDoubtful = metadataPosition < position;
        return isTailClean && !isDoubtful ? size : reader.findBatch(metadataPosition, endOffset, size);
    }

    /** In front of the first batch lies what Chronicle keeps; a log is not lost with that. */
    private boolean isMoreExpected() {
        return endOffset < recoveredOffset || endOffset == baseOffset;
    }

    private boolean isWholeMetadata(long candidate, int header) {
        return ExcerptLayout.isMetadata(header) && ExcerptLayout.next(candidate, header) <= size;
    }

    private boolean isNextBatch(long candidate, int header) {
        return reader.hasBatch(candidate, header, size)
                && BatchLayout.baseOffset(reader.buffer(), reader.batchIndex(candidate)) == endOffset;
    }

    private boolean isZero(long from) {
        long next = from;
        while (next < size) {
            int step = (int) Math.min(STEP_BYTES, size - next);
            if (!reader.load(next, step, size)) {
                return false;
            }
            DirectBuffer buffer = reader.buffer();
            int index = reader.index(next);
            int end = index + step;
            for (; index + Long.BYTES <= end; index += Long.BYTES) {
                if (buffer.getLong(index, LITTLE_ENDIAN) != 0) {
                    return false;
                }
            }
            for (; index < end; index++) {
                if (buffer.getByte(index) != 0) {
                    return false;
                }
            }
            next += step;
        }
        return true;
    }
}
