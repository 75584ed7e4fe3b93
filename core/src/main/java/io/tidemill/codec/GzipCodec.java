package io.tidemill.codec;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** One gzip member (RFC 1952) without a name or a time. The JDK's streams would do, but allocate for every batch. */
final class GzipCodec implements Codec {
    private static final int HEADER_LENGTH = 10;
    private static final int TRAILER_LENGTH = 8;
    /** Magic, deflate, no flags. */
    private static final int HEADER_START = 0x00_08_8b_1f;
    /** No time, no hint, an unknown system. */
    private static final int HEADER_TIME = 0;

    private static final short HEADER_END = (short) 0xff_00;

    /** Of deflate. */
    private static final int EXPANSION_MAX = 1032;

    private static final boolean IS_RAW = true;

    private final CRC32 crc = new CRC32();
    private @Nullable Deflater deflater;
    private @Nullable Inflater inflater;

    @Override
    public int compressedLengthMax(int length) {
        // As zlib bounds it for any settings.
        return length + ((length + 7) >> 3) + ((length + 63) >> 6) + 5 + HEADER_LENGTH + TRAILER_LENGTH;
    }

    @Override
    public int compress(ByteBuffer source, ByteBuffer target) {
        int start = target.position();
        int length = source.remaining();
        target.order(LITTLE_ENDIAN).putInt(HEADER_START).putInt(HEADER_TIME).putShort(HEADER_END);
        int crcOfSource = crc(source);
        Deflater present = deflater();
        present.reset();
        present.setInput(source);
        present.finish();
        present.deflate(target);
        if (!present.finished()) {
            throw new IllegalStateException("deflate took more than it may: length=" + length);
        }
        target.putInt(crcOfSource).putInt(length);
        return target.position() - start;
    }

    @Override
    public boolean decompress(ByteBuffer source, ByteBuffer target) {
        int start = target.position();
        int length = target.remaining();
        if (source.remaining() < HEADER_LENGTH + TRAILER_LENGTH
                || source.order(LITTLE_ENDIAN).getInt() != HEADER_START) {
            return false;
        }
        source.position(source.position() + HEADER_LENGTH - Integer.BYTES);
        if (!inflate(source, target) || target.hasRemaining() || source.remaining() != TRAILER_LENGTH) {
            return false;
        }
        return source.getInt() == crc(target.position(start)) && source.getInt() == length;
    }

    private boolean inflate(ByteBuffer source, ByteBuffer target) {
        Inflater present = inflater();
        present.reset();
        present.setInput(source);
        try {
            while (!present.finished()) {
                if (present.inflate(target) == 0 && !present.finished()) {
                    return false;
                }
            }
            return true;
        } catch (DataFormatException e) {
            return false;
        }
    }

    /** Leaves the position where it is. */
    private int crc(ByteBuffer bytes) {
        int start = bytes.position();
        crc.reset();
        crc.update(bytes);
        bytes.position(start);
        return (int) crc.getValue();
    }

    private Deflater deflater() {
        if (deflater == null) {
            deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, IS_RAW);
        }
        return deflater;
    }

    private Inflater inflater() {
        if (inflater == null) {
            inflater = new Inflater(IS_RAW);
        }
        return inflater;
    }

    @Override
    public int expansionMax() {
        return EXPANSION_MAX;
    }

    @Override
    public void close() {
        if (deflater != null) {
            deflater.end();
            deflater = null;
        }
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
    }
}
