package io.tidemill.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One zstd frame, at zstd's own level, without a checksum: that is the batch's. */
final class ZstdCodec implements Codec {
    /** A block has four bytes at least, and makes 128 KiB of them at most. */
    private static final int EXPANSION_MAX = 128 * 1024 / 4;

    private @Nullable ZstdCompressCtx compressor;
    private @Nullable ZstdDecompressCtx decompressor;

    ZstdCodec() {
        // Now, so that who asks for the codec hears of it if it cannot be.
        Native.load();
    }

    @Override
    public int compressedLengthMax(int length) {
        return Math.toIntExact(Zstd.compressBound(length));
    }

    @Override
    public int compress(ByteBuffer source, ByteBuffer target) {
        if (compressor == null) {
            compressor = new ZstdCompressCtx();
        }
        return compressor.compressDirectByteBuffer(
                target, target.position(), target.remaining(), source, source.position(), source.remaining());
    }

    @Override
    public boolean decompress(ByteBuffer source, ByteBuffer target) {
        if (decompressor == null) {
            decompressor = new ZstdDecompressCtx();
        }
        int length = target.remaining();
        try {
            return decompressor.decompressDirectByteBuffer(
                            target, target.position(), length, source, source.position(), source.remaining())
                    == length;
        } catch (ZstdException e) {
            return false;
        }
    }

    @Override
    public int expansionMax() {
        return EXPANSION_MAX;
    }

    @Override
    public void close() {
        if (compressor != null) {
            compressor.close();
            compressor = null;
        }
        if (decompressor != null) {
            decompressor.close();
            decompressor = null;
        }
    }
}
