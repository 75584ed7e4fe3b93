package io.tidemill.log;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Crc32c;
import io.tidemill.log.chronicle.ChronicleSegment;
import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Looks at a segment's file through a buffer of its own. It reads nothing behind the end that it is given, so what is in
 * the buffer never changes in the file. Used by one thread at a time.
 *
 * <p>The buffer is not freed by hand: whoever still looks at it after a close must find memory.
 */
final class ExcerptReader {
    private static final int BUFFER_BYTES_MIN = 16 * 1024;

    private final LogFile file;
    private final int bufferBytesMax;
    private final Crc32c crc = new Crc32c();
    private UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private long bufferPosition;
    private int bufferLength;

    /** The buffer grows up to that size while it is read through from end to end, and beyond it for a larger batch. */
    ExcerptReader(LogFile file, int bufferBytesMax) {
        this.file = file;
        this.bufferBytesMax = bufferBytesMax;
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
        int length = ExcerptLayout.length(header);
        if (!ExcerptLayout.isBatch(header)
                || length < BatchLayout.HEADER_LENGTH
                || length > ChronicleSegment.BATCH_BYTES_MAX
                || length > endPosition - position - ExcerptLayout.HEADER_LENGTH
                || !load(position, ExcerptLayout.HEADER_LENGTH + BatchLayout.HEADER_LENGTH, endPosition)
                || !fits(position, length)
                || !load(position, ExcerptLayout.HEADER_LENGTH + length, endPosition)) {
            return false;
        }
        return crc.matches(buffer, batchIndex(position));
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
        return bufferLength >= length;
    }

    private void fill(long position, int length, long endPosition) {
        ByteBuffer bytes = roomFor(length, endPosition - position);
        bytes.clear().limit((int) Math.min(bytes.capacity(), endPosition - position));
        bufferLength = 0;
        bufferPosition = position;
        bufferLength = file.read(bytes, position);
    }

    private ByteBuffer roomFor(int length, long available) {
        int present = buffer.capacity();
        boolean wasFull = bufferLength == present;
        long wanted = Math.max(length, Math.min(available, wasFull ? Math.min(2L * present, bufferBytesMax) : present));
        int capacity = Math.max(BUFFER_BYTES_MIN, BitUtil.findNextPositivePowerOfTwo((int) wanted));
        if (capacity > present) {
            buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(capacity));
        }
        return buffer.byteBuffer();
    }
}
