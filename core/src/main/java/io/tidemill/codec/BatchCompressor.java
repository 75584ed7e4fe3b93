package io.tidemill.codec;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.CompressionType;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.BatchMemory;
import io.tidemill.batch.CompressedLayout;
import io.tidemill.batch.Crc32c;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Compresses finished batches, in memory of its own, on their way to the log. Owned by one thread. */
public final class BatchCompressor implements AutoCloseable {
    private final Codecs codecs = new Codecs();
    private final Crc32c crc = new Crc32c();
    private final BatchMemory memory = new BatchMemory();

    /**
     * What to append of a batch: itself, or another one that says the same and is smaller.
     *
     * @param batch has it at index 0, finished, in a direct buffer
     * @return with the batch at index 0; good until the next call
     * @throws io.tidemill.errors.UnsupportedCompressionTypeException when the library is not there
     */
    public DirectBuffer compress(DirectBuffer batch, CompressionType type) {
        if (type == CompressionType.NONE) {
            return batch;
        }
        int plainLength = BatchLayout.frameLength(batch, 0);
        int recordsLength = plainLength - BatchLayout.HEADER_LENGTH;
        Codec codec = codecs.of(type);
        UnsafeBuffer compressed =
                memory.withRoom(CompressedLayout.frameLength(codec.compressedLengthMax(recordsLength)));
        ByteBuffer source = batch.byteBuffer();
        source.limit(plainLength).position(BatchLayout.HEADER_LENGTH);
        ByteBuffer target = compressed.byteBuffer();
        target.clear().position(CompressedLayout.COMPRESSED);
        int compressedLength = codec.compress(source, target);
        int length = CompressedLayout.frameLength(compressedLength);
        if (length >= plainLength) {
            return batch;
        }
        compressed.putBytes(0, batch, 0, BatchLayout.HEADER_LENGTH);
        compressed.putInt(BatchLayout.FRAME_LENGTH, length, LITTLE_ENDIAN);
        compressed.putByte(BatchLayout.CODEC, type.id());
        CompressedLayout.putLengths(compressed, 0, recordsLength, compressedLength);
        compressed.putInt(BatchLayout.CRC32C, crc.compute(compressed, 0), LITTLE_ENDIAN);
        return compressed;
    }

    @Override
    public void close() {
        codecs.close();
    }
}
