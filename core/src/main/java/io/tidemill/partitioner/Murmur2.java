package io.tidemill.partitioner;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * Murmur2, the 32-bit hash by Austin Appleby (public domain), with the seed that Kafka uses, and Kafka's way from a key to
 * a partition. It mixes four bytes at a time, read as a little-endian word, and then the zero to three bytes that remain.
 */
final class Murmur2 {

    private static final int SEED = 0x9747b28c;
    private static final int MULTIPLIER = 0x5bd1e995;
    private static final int ROTATION = 24;

    private Murmur2() {}

    /** The partition that Kafka's default partitioner gives to a key among {@code partitions}. */
    static int partition(DirectBuffer key, int index, int length, int partitions) {
        // Not Math.abs: Kafka clears the sign bit, which gives another number and never a negative one.
        return (hash(key, index, length) & Integer.MAX_VALUE) % partitions;
    }

    static int hash(DirectBuffer buffer, int index, int length) {
        int hash = SEED ^ length;
        int wordsEnd = index + (length & ~3);
        for (int i = index; i < wordsEnd; i += Integer.BYTES) {
            int word = buffer.getInt(i, ByteOrder.LITTLE_ENDIAN) * MULTIPLIER;
            hash = (hash * MULTIPLIER) ^ ((word ^ (word >>> ROTATION)) * MULTIPLIER);
        }

        int remaining = length & 3;
        if (remaining != 0) {
            for (int i = 0; i < remaining; i++) {
                hash ^= (buffer.getByte(wordsEnd + i) & 0xff) << (i * Byte.SIZE);
            }
            hash *= MULTIPLIER;
        }

        hash ^= hash >>> 13;
        hash *= MULTIPLIER;
        return hash ^ (hash >>> 15);
    }
}
