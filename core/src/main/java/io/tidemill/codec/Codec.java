package io.tidemill.codec;

import java.nio.ByteBuffer;

/**
 * Makes bytes fewer, and brings them back. Takes what is between position and limit of direct buffers, and may leave their
 * positions anywhere. Owned by one thread.
 */
interface Codec extends AutoCloseable {
    /** Room that is enough for {@link #compress}, whatever the bytes are. */
    int compressedLengthMax(int length);

    /** Answers how many bytes of the target it took. */
    int compress(ByteBuffer source, ByteBuffer target);

    /**
     * Answers whether the source was whole, and came to exactly as many bytes as the target has room for. Whatever the
     * source is, nothing else of memory is written.
     */
    boolean decompress(ByteBuffer source, ByteBuffer target);

    /** How many bytes it can make of one. */
    int expansionMax();

    /** Gives back memory that is not the heap's. */
    @Override
    void close();
}
