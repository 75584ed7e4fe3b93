package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A batch whose records are compressed, all of them as one. Its header is as ever, and so is what it says but for {@code
 * frameLength} and {@code codec}; the checksum covers what is stored.
 *
 * <pre>
 *  64              68                 72
 *   +---------------+------------------+----------------------------+
 *   | recordsLength | compressedLength | compressed ...             |
 *   +---------------+------------------+----------------------------+
 *      ... zeros to the next multiple of 8
 * </pre>
 *
 * {@code recordsLength} is what the records take when they are not compressed. Little-endian.
 */
public final class CompressedLayout {
    public static final int RECORDS_LENGTH = BatchLayout.HEADER_LENGTH;
    public static final int COMPRESSED_LENGTH = RECORDS_LENGTH + Integer.BYTES;
    public static final int COMPRESSED = COMPRESSED_LENGTH + Integer.BYTES;

    /** No storage takes a larger batch, so a larger number was not written by us. */
    public static final int RECORDS_LENGTH_MAX = 16 * 1024 * 1024;

    private CompressedLayout() {}

    public static int frameLength(int compressedLength) {
        return BitUtil.align(COMPRESSED + compressedLength, BatchLayout.ALIGNMENT);
    }

    public static int recordsLength(DirectBuffer buffer, int batch) {
        return buffer.getInt(batch + RECORDS_LENGTH, LITTLE_ENDIAN);
    }

    public static int compressedLength(DirectBuffer buffer, int batch) {
        return buffer.getInt(batch + COMPRESSED_LENGTH, LITTLE_ENDIAN);
    }

    public static void putLengths(MutableDirectBuffer buffer, int batch, int recordsLength, int compressedLength) {
        buffer.putInt(batch + RECORDS_LENGTH, recordsLength, LITTLE_ENDIAN);
        buffer.putInt(batch + COMPRESSED_LENGTH, compressedLength, LITTLE_ENDIAN);
        int end = COMPRESSED + compressedLength;
        buffer.setMemory(batch + end, frameLength(compressedLength) - end, (byte) 0);
    }

    /**
     * Whether the lengths can be those of a batch that fills its frame. A checksum that matches proves the bytes, not their
     * writer.
     *
     * @param expansionMax how many bytes the codec may make of one
     */
    public static boolean isPlausible(DirectBuffer buffer, int batch, int expansionMax) {
        int frameLength = BatchLayout.frameLength(buffer, batch);
        if (frameLength <= COMPRESSED) {
            return false;
        }
        int compressedLength = compressedLength(buffer, batch);
        int recordsLength = recordsLength(buffer, batch);
        return compressedLength > frameLength - COMPRESSED - BatchLayout.ALIGNMENT
                && compressedLength <= frameLength - COMPRESSED
                && recordsLength > 0
                && recordsLength <= RECORDS_LENGTH_MAX
                && recordsLength % BatchLayout.ALIGNMENT == 0
                && recordsLength <= (long) compressedLength * expansionMax;
    }
}
