package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import org.agrona.DirectBuffer;

/**
 * A {@link SegmentScan} for those who look on while the file is written, or want to know each batch that is damaged.
 *
 * <p>The bytes of a batch may have been read before the writer completed it, and those of the next one after that. So
 * what seems to be damage is read once more before it is told. Where the headers of damaged batches can be believed,
 * because together they continue the offsets, each is told by itself.
 */
final class DamageScan implements SegmentScan.Visitor {
    private final LogFile file;
    private final ReadBuffers buffers;
    private final SegmentScan.Visitor visitor;
    /** Behind the last batch, or the last damage. */
    private long nextPosition;

    private long nextOffset;

    private DamageScan(LogFile file, ReadBuffers buffers, long baseOffset, long position, SegmentScan.Visitor visitor) {
        this.file = file;
        this.buffers = buffers;
        this.visitor = visitor;
        this.nextPosition = position;
        this.nextOffset = baseOffset;
    }

    /**
     * Walks from a batch on, or the beginning.
     *
     * @param endOffset the batches below it must be there; those above it count as far as they go
     * @param endPosition what lies behind it is not looked at
     * @return where the batches end
     */
    static SegmentScan.End scan(
            LogFile file,
            ReadBuffers buffers,
            long baseOffset,
            long position,
            long endOffset,
            long endPosition,
            SegmentScan.Visitor visitor) {
        DamageScan scan = new DamageScan(file, buffers, baseOffset, position, visitor);
        // Whatever is not whole is damaged if anything whole follows: batches are completed one after the other.
        SegmentScan.End end = SegmentScan.scan(file, buffers, baseOffset, position, Long.MAX_VALUE, endPosition, scan);
        boolean isCut = scan.nextOffset < endOffset;
        if (isCut) {
            scan.onDamage(scan.nextPosition, Math.min(endPosition, file.size()), scan.nextOffset, endOffset);
        }
        return new SegmentScan.End(scan.nextOffset, scan.nextPosition, isCut || end.isTailClean(), end.isHeadSound());
    }

    @Override
    public void onBatch(long position, DirectBuffer buffer, int batchIndex, int length) {
        nextPosition = position + ExcerptLayout.HEADER_LENGTH + length;
        nextOffset = BatchLayout.endOffset(buffer, batchIndex);
        visitor.onBatch(position, buffer, batchIndex, length);
    }

    @Override
    public void onDamage(long position, long endPosition, long offset, long endOffset) {
        nextPosition = position;
        SegmentScan.End again = SegmentScan.scan(file, buffers, offset, position, 0, endPosition, this);
        if (again.endOffset() < endOffset || again.endPosition() < endPosition) {
            tell(nextPosition, endPosition, nextOffset, endOffset);
        }
        nextPosition = endPosition;
        nextOffset = endOffset;
    }

    private void tell(long position, long endPosition, long offset, long endOffset) {
        try (ExcerptReader reader = new ExcerptReader(file, buffers)) {
            long next = position;
            long nextBase = offset;
            while (nextBase < endOffset) {
                long batch = reader.skipMetadata(next, endPosition);
                int header = reader.header(batch, endPosition);
                if (!reader.hasBatchHeader(batch, header, endPosition)) {
                    break;
                }
                DirectBuffer buffer = reader.buffer();
                int index = reader.batchIndex(batch);
                long batchEnd = BatchLayout.endOffset(buffer, index);
                if (BatchLayout.baseOffset(buffer, index) != nextBase || batchEnd <= nextBase || batchEnd > endOffset) {
                    break;
                }
                next = ExcerptLayout.next(batch, header);
                visitor.onDamage(batch, next, nextBase, batchEnd);
                nextBase = batchEnd;
            }
            if (nextBase < endOffset || offset == endOffset) {
                visitor.onDamage(next, endPosition, nextBase, endOffset);
            }
        }
    }
}
