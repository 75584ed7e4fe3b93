package io.tidemill.batch;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * Computes and checks the checksum of batches. Owned by one thread; so must be the buffers behind it, because a
 * {@link ByteBuffer}'s position is moved. Never over mapped files: a page that cannot be read there kills the JVM.
 */
public final class Crc32c {
    private final CRC32C crc = new CRC32C();

    /** Of the batch at that index, whose frame length is set. */
    public int compute(DirectBuffer buffer, int batch) {
        int first = buffer.wrapAdjustment() + batch + BatchLayout.CRC32C + Integer.BYTES;
        int length = BatchLayout.frameLength(buffer, batch) - BatchLayout.CRC32C - Integer.BYTES;
        crc.reset();
        byte[] array = buffer.byteArray();
        if (array != null) {
            crc.update(array, first, length);
        } else {
            crc.update(buffer.byteBuffer().limit(first + length).position(first));
        }
        return (int) crc.getValue();
    }

    /** Whether the batch at that index, which {@link BatchLayout#isPlausible}, is as it was written. */
    public boolean matches(DirectBuffer buffer, int batch) {
        return compute(buffer, batch) == BatchLayout.crc32c(buffer, batch);
    }
}
