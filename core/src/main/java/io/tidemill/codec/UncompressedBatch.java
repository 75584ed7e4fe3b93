package io.tidemill.codec;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.CompressionType;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.BatchMemory;
import io.tidemill.batch.CompressedLayout;
import io.tidemill.errors.CorruptRecordException;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A batch as it was before it was compressed: where it lies, if it never was, or else in memory of its own. Owned by one
 * thread.
 */
public final class UncompressedBatch implements AutoCloseable {
    private static final DirectBuffer NONE = new UnsafeBuffer(0, 0);

    private final String place;
    private final Codecs codecs = new Codecs();
    private final BatchMemory compressedMemory = new BatchMemory();
    private final BatchMemory plainMemory = new BatchMemory();
    private DirectBuffer buffer = NONE;
    private CompressionType type = CompressionType.NONE;
    private int index;

    /** @param place ends an error's message */
    public UncompressedBatch(String place) {
        this.place = place;
    }

    /**
     * Goes to a batch whose checksum was right. After an exception it is on none.
     *
     * @throws CorruptRecordException when it cannot be decompressed
     * @throws io.tidemill.errors.UnsupportedCompressionTypeException when the library is not there
     */
    public void enter(DirectBuffer source, int batch) {
        buffer = NONE;
        type = Codecs.type(BatchLayout.codec(source, batch), place);
        if (type == CompressionType.NONE) {
            buffer = source;
            index = batch;
        } else {
            decompress(source, batch);
            buffer = plainMemory.buffer();
            index = 0;
        }
    }

    private void decompress(DirectBuffer source, int batch) {
        Codec codec = codecs.of(type);
        // Before anything is allocated that long.
        if (!CompressedLayout.isPlausible(source, batch, codec.expansionMax())) {
            throw corrupt(source, batch);
        }
        int compressedLength = CompressedLayout.compressedLength(source, batch);
        int length = BatchLayout.HEADER_LENGTH + CompressedLayout.recordsLength(source, batch);
        UnsafeBuffer compressed = compressedMemory.withRoom(compressedLength);
        UnsafeBuffer plain = plainMemory.withRoom(length);
        // The source may be the heap's, which a codec does not take; and its position is not ours to move.
        compressed.putBytes(0, source, batch + CompressedLayout.COMPRESSED, compressedLength);
        ByteBuffer from = compressed.byteBuffer();
        from.limit(compressedLength).position(0);
        ByteBuffer to = plain.byteBuffer();
        to.limit(length).position(BatchLayout.HEADER_LENGTH);
        if (!codec.decompress(from, to)) {
            throw corrupt(source, batch);
        }
        plain.putBytes(0, source, batch, BatchLayout.HEADER_LENGTH);
        plain.putInt(BatchLayout.FRAME_LENGTH, length, LITTLE_ENDIAN);
        plain.putByte(BatchLayout.CODEC, BatchLayout.CODEC_NONE);
    }

    private CorruptRecordException corrupt(DirectBuffer source, int batch) {
        boolean hasLengths = BatchLayout.frameLength(source, batch) >= CompressedLayout.COMPRESSED;
        return new CorruptRecordException("batch cannot be decompressed: codec=" + type + ", baseOffset="
                + BatchLayout.baseOffset(source, batch) + ", frameLength=" + BatchLayout.frameLength(source, batch)
                + (hasLengths
                        ? ", compressedLength=" + CompressedLayout.compressedLength(source, batch) + ", recordsLength="
                                + CompressedLayout.recordsLength(source, batch)
                        : "")
                + ", " + place);
    }

    /** Its checksum is not that of the batch that it was. */
    public DirectBuffer buffer() {
        return buffer;
    }

    public int index() {
        return index;
    }

    /** How it was compressed. */
    public CompressionType type() {
        return type;
    }

    /** How much it holds to decompress into. */
    int plainCapacity() {
        return plainMemory.buffer().capacity();
    }

    @Override
    public void close() {
        buffer = NONE;
        codecs.close();
    }
}
