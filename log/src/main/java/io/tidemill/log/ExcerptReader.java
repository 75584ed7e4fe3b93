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
    private static final int PREFETCH_LENGTH_MAX = 256 * 1024;
    private static final UnsafeBuffer EMPTY = new UnsafeBuffer(0, 0);

    private LogFile file;
    private final ReadBuffers buffers;
    private final Crc32c crc = new Crc32c();
    private UnsafeBuffer buffer = EMPTY;
    private @Nullable UnsafeBuffer borrowed;
    /** What the buffer's first byte would hold. */
    private long bufferPosition;
    /** What it really holds. */
    private long loadedPosition;

    private long loadedEnd;

    /** Reads little at a time at first, and much, through a buffer that it borrows, once it reads on. */
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

    /** Behind what Chronicle has put there, if it has. */
    long skipMetadata(long position, long endPosition) {
        long next = position;
        for (int header = header(next, endPosition);
                ExcerptLayout.isMetadata(header);
                header = header(next, endPosition)) {
            next = ExcerptLayout.next(next, header);
        }
        return next;
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

    /** Gets these bytes into the buffer, and more behind them; false when the end comes first. */
    boolean load(long position, int length, long endPosition) {
        if (position >= loadedPosition && position + length <= loadedEnd) {
            return true;
        }
        if (position + length > endPosition) {
            return false;
        }
        boolean readsOn = position >= loadedPosition && position <= loadedEnd && loadedEnd > 0;
        fill(position, length, readsOn ? ReadBuffers.LENGTH : SMALL_LENGTH, endPosition);
        return position + length <= loadedEnd;
    }

    /** Gets all of these bytes into the buffer at once, and no more, if they are not too many: nobody may read on. */
    void prefetch(long position, long length, long endPosition) {
        if (length <= PREFETCH_LENGTH_MAX && (position < loadedPosition || position + length > loadedEnd)) {
            fill(position, (int) length, (int) length, endPosition);
        }
    }

    private void fill(long position, int length, int wantedLength, long endPosition) {
        // From the beginning of a cache line, and as far behind the beginning of a page as in the file: either is
        // faster.
        long first = position - position % BitUtil.CACHE_LINE_LENGTH;
        int ahead = (int) (position - first);
        int index = (int) (first % ReadBuffers.ALIGNMENT);
        int usefulLength = (int) Math.min(Math.max(ahead + length, wantedLength - index), endPosition - first);
        ensureRoom(index + ahead + length, index + usefulLength);
        ByteBuffer bytes = buffer.byteBuffer();
        bytes.limit(Math.min(bytes.capacity(), index + usefulLength)).position(index);
        loadedEnd = 0;
        loadedPosition = first;
        bufferPosition = first - index;
        loadedEnd = first + file.read(bytes, first);
    }

    private void ensureRoom(int length, int usefulLength) {
        if (buffer.capacity() < ReadBuffers.LENGTH && usefulLength > SMALL_LENGTH) {
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

    /** From now on of another file. */
    void use(LogFile other) {
        file = other;
        forget();
    }

    /** What was read may be another thing in the file by now. */
    void forget() {
        loadedEnd = 0;
    }

    /** Nobody may look at the buffer any more. */
    @Override
    public void close() {
        buffer = EMPTY;
        forget();
        giveBack();
    }
}
