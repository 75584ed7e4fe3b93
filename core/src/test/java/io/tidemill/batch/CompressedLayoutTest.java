package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.CompressionType;
import io.tidemill.runtime.JvmAccess;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class CompressedLayoutTest {
    static {
        JvmAccess.ensureAgrona();
    }

    @Test
    void everyFieldLiesWhereThePictureDrawsIt() {
        byte[] bytes = new byte[CompressedLayout.frameLength(3)];
        Arrays.fill(bytes, BatchLayout.HEADER_LENGTH, bytes.length, (byte) 0xcc);
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);

        CompressedLayout.putLengths(buffer, 0, 0x01020304, 3);

        assertEquals(
                "04030201 03000000 cccccc00 00000000",
                Batches.hex(Arrays.copyOfRange(bytes, BatchLayout.HEADER_LENGTH, bytes.length)));
        assertEquals(0x01020304, CompressedLayout.recordsLength(buffer, 0));
        assertEquals(3, CompressedLayout.compressedLength(buffer, 0));
    }

    @Test
    void numbersThatAreStoredNeverChange() {
        assertEquals(0, CompressionType.NONE.id());
        assertEquals(1, CompressionType.GZIP.id());
        assertEquals(3, CompressionType.LZ4.id());
        assertEquals(4, CompressionType.ZSTD.id());
    }

    @Test
    void isPlausibleOnlyIfItFillsItsFrameAndComesToNoMoreThanItCan() {
        for (int compressedLength = -10; compressedLength < 30; compressedLength++) {
            // Of 17 to 24 bytes.
            assertEquals(compressedLength > 16 && compressedLength <= 24, isPlausible(96, compressedLength, 160));
        }
        assertTrue(isPlausible(96, 20, 200));
        assertFalse(isPlausible(96, 20, 208));
        assertFalse(isPlausible(96, 20, 196));
        assertFalse(isPlausible(96, 20, 0));
        assertFalse(isPlausible(96, 20, -8));
        assertFalse(isPlausible(72, 0, 8));
        assertFalse(isPlausible(64, 1, 8));
        int large = 8 * 1024 * 1024;
        assertTrue(isPlausible(72 + large, large, CompressedLayout.RECORDS_LENGTH_MAX));
        assertFalse(isPlausible(72 + large, large, CompressedLayout.RECORDS_LENGTH_MAX + 8));
    }

    private static boolean isPlausible(int frameLength, int compressedLength, int recordsLength) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[80]);
        buffer.putInt(BatchLayout.FRAME_LENGTH, frameLength, LITTLE_ENDIAN);
        buffer.putInt(CompressedLayout.RECORDS_LENGTH, recordsLength, LITTLE_ENDIAN);
        buffer.putInt(CompressedLayout.COMPRESSED_LENGTH, compressedLength, LITTLE_ENDIAN);
        return CompressedLayout.isPlausible(buffer, 0, 10);
    }
}
