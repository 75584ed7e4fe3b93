package io.tidemill.codec;

import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** One LZ4 block, without a frame: lengths and a checksum are the batch's. */
final class Lz4Codec implements Codec {
    /** Of a block: each further byte of a length stands for 255 at most. */
    private static final int EXPANSION_MAX = 255;

    private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
    private final LZ4SafeDecompressor decompressor =
            LZ4Factory.fastestInstance().safeDecompressor();

    @Override
    public int compressedLengthMax(int length) {
        return compressor.maxCompressedLength(length);
    }

    @Override
    public int compress(ByteBuffer source, ByteBuffer target) {
        return compressor.compress(
                source, source.position(), source.remaining(), target, target.position(), target.remaining());
    }

    @Override
    public boolean decompress(ByteBuffer source, ByteBuffer target) {
        int length = target.remaining();
        try {
            return decompressor.decompress(
                            source, source.position(), source.remaining(), target, target.position(), length)
                    == length;
        } catch (LZ4Exception e) {
            return false;
        }
    }

    @Override
    public int expansionMax() {
        return EXPANSION_MAX;
    }

    @Override
    public void close() {
        // The library keeps nothing for us.
    }
}
