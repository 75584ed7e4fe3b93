package io.tidemill.log;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Crc32c;
import io.tidemill.log.chronicle.ChronicleSegment;
import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a segment's file through a buffer. It reads nothing behind the end that it is given, so what is in the buffer
 * never changes in the file. Used by one thread at a time.
 */
final class ExcerptReader implements AutoCloseable {
    private static final int SMALL_LENGTH = 16 * 1024;
    private static final UnsafeBuffer EMPTY = new UnsafeBuffer(0, 0);

    private final LogFile file;
    private final ReadBuffers buffers;
    private final Crc32c crc = new Crc32c();
    private UnsafeBuffer buffer = EMPTY;
    private @Nullable UnsafeBuffer borrowed;
    private long bufferPosition;
    private int bufferLength;

    /** Reads little at a time at first, and much, through a buffer that it borrows, once it reads through. */
    ExcerptReader(LogFile file, ReadBuffers buffers) {
        this.file = file;
        this.buffers = buffers;
    }

    /** Valid until the next call. */
    DirectBuffer buffer() {
        return buffer;
    }

    /** Where in the buffer a position lies that was asked for. */
    int index(long position) {
        return (int) (position - bufferPosition);
    }

    /** The excerpt's header; {@link ExcerptLayout#EMPTY} when the end comes first. */
    int header(long position, long endPosition) {
        if (!load(position, ExcerptLayout.HEADER_LENGTH, endPosition)) {
            return ExcerptLayout.EMPTY;
        }
        return buffer.getInt(index(position), LITTLE_ENDIAN);
    }

    /**
     * Whether the excerpt holds a whole batch with the right checksum. If so, the batch lies in the buffer behind the
     * excerpt's header.
     */
    boolean hasBatch(long position, int header, long endPosition) {
        if (!hasBatchHeader(position, header, endPosition)
                || !load(position, ExcerptLayout.HEADER_LENGTH + ExcerptLayout.length(header), endPosition)) {
            return false;
        }
        int batch = batchIndex(position);
        return crc.matches(buffer, batch)
                && BatchLayout.endOffset(buffer, batch) > BatchLayout.baseOffset(buffer, batch);
    }

    /** Whether the excerpt begins as one that holds a batch. If so, the batch's header lies in the buffer. */
    boolean hasBatchHeader(long position, int header, long endPosition) {
        int length = ExcerptLayout.length(header);
        return ExcerptLayout.isBatch(header)
                && length >= BatchLayout.HEADER_LENGTH
                && length <= ChronicleSegment.BATCH_BYTES_MAX
                && length <= endPosition - position - ExcerptLayout.HEADER_LENGTH
                && load(position, ExcerptLayout.HEADER_LENGTH + BatchLayout.HEADER_LENGTH, endPosition)
                && fits(position, length);
    }

    /** Where the next batch lies at that position or behind it, and at that offset or behind it; or the end. */
    long findBatch(long position, long offset, long endPosition) {
        for (long candidate = position; candidate < endPosition; candidate += ExcerptLayout.ALIGNMENT) {
            int header = header(candidate, endPosition);
            if (hasBatch(candidate, header, endPosition)
                    && BatchLayout.baseOffset(buffer, batchIndex(candidate)) >= offset) {
                return candidate;
            }
        }
        return endPosition;
    }

    /** Asked before the buffer grows for it: a length that is damaged may be as long as the file. */
    private boolean fits(long position, int length) {
        int batch = batchIndex(position);
        return BatchLayout.frameLength(buffer, batch) == length && BatchLayout.isPlausible(buffer, batch, length);
    }

    int batchIndex(long position) {
        return index(position) + ExcerptLayout.HEADER_LENGTH;
    }

    /** Gets these bytes into the buffer, and as many behind them as there is room for; false when the end comes first. */
    boolean load(long position, int length, long endPosition) {
        if (position >= bufferPosition && position + length <= bufferPosition + bufferLength) {
            return true;
        }
        if (position + length > endPosition) {
            return false;
        }
        fill(position, length, endPosition);
        return position + length <= bufferPosition + bufferLength;
    }

    private void fill(long position, int length, long endPosition) {
        // From the beginning of a page, as the buffer does: ReadBuffers.ALIGNMENT.
        int ahead = (int) (position % ReadBuffers.ALIGNMENT);
        long first = position - ahead;
        ensureRoom(ahead + length, endPosition - first);
        ByteBuffer bytes = buffer.byteBuffer();
        bytes.clear().limit((int) Math.min(bytes.capacity(), endPosition - first));
        bufferLength = 0;
        bufferPosition = first;
        bufferLength = file.read(bytes, first);
    }

    private void ensureRoom(int length, long available) {
        boolean readsThrough = bufferLength > 0 && bufferLength == buffer.capacity() && bufferLength < available;
        if (buffer.capacity() < ReadBuffers.LENGTH && (readsThrough || length > SMALL_LENGTH)) {
            borrow();
        }
        if (buffer.capacity() < length) {
            giveBack();
            buffer = ReadBuffers.allocate(Math.max(SMALL_LENGTH, BitUtil.findNextPositivePowerOfTwo(length)));
        }
    }

    private void borrow() {
        borrowed = buffers.borrow();
        if (borrowed != null) {
            buffer = borrowed;
        }
    }

    private void giveBack() {
        if (borrowed != null) {
            buffers.giveBack(borrowed);
            borrowed = null;
        }
    }

    /** What was read may be another thing in the file by now. */
    void forget() {
        bufferLength = 0;
    }

    /** Nobody may look at the buffer any more. */
    @Override
    public void close() {
        buffer = EMPTY;
        bufferLength = 0;
        giveBack();
    }
}
