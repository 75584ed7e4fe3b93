package io.tidemill.compaction;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The last offset of each key. A key is known by its MD5 only, as in Kafka: two of the same hash would be one, and nothing
 * but intent makes two. Open addressing, three longs a slot; nothing is allocated once it is made. Owned by one thread.
 */
final class OffsetMap {
    static final long NULL_OFFSET = -1;

    /** Bounds the memory: 24 MiB, while a pass runs. */
    private static final int SLOTS_MAX = 1 << 20;
    /** Three quarters; fuller ones are searched for long. */
    static final int KEYS_MAX = SLOTS_MAX / 4 * 3;

    private static final int SLOTS_MIN = 16;
    private static final int SLOT_LENGTH = 3;
    /** In a slot: the hash, and the offset plus one, so that zeros are an empty slot. */
    private static final int HIGH = 0;

    private static final int LOW = 1;
    private static final int NEXT_OFFSET = 2;
    private static final int HASH_LENGTH = 16;
    private static final int INITIAL_KEY_LENGTH = 256;

    private final MessageDigest md5;
    private final UnsafeBuffer hash = new UnsafeBuffer(new byte[HASH_LENGTH]);
    private byte[] key = new byte[INITIAL_KEY_LENGTH];

    private final long[] slots;
    private final int mask;
    private final int keysMax;
    private int size;

    /** With room for so many keys, or for {@link #KEYS_MAX} if those are fewer. */
    OffsetMap(long keys) {
        int wanted = (int) Math.min(keys, KEYS_MAX);
        int count = Math.max(SLOTS_MIN, BitUtil.findNextPositivePowerOfTwo(wanted + wanted / 3));
        slots = new long[SLOT_LENGTH * count];
        mask = count - 1;
        keysMax = count / 4 * 3;
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no MD5, which compaction tells keys apart by", e);
        }
    }

    boolean hasRoomFor(int keys) {
        return keys <= keysMax - size;
    }

    /** After {@link #hasRoomFor}; a later offset replaces an earlier one. */
    void put(DirectBuffer buffer, int index, int length, long offset) {
        int slot = slotOf(buffer, index, length);
        if (slots[slot + NEXT_OFFSET] == 0) {
            slots[slot + HIGH] = hash.getLong(0);
            slots[slot + LOW] = hash.getLong(Long.BYTES);
            size++;
        }
        slots[slot + NEXT_OFFSET] = offset + 1;
    }

    /** Of a key that was put, or {@link #NULL_OFFSET}. */
    long get(DirectBuffer buffer, int index, int length) {
        return size == 0 ? NULL_OFFSET : slots[slotOf(buffer, index, length) + NEXT_OFFSET] - 1;
    }

    /** The key's own, or the one that it would get. */
    private int slotOf(DirectBuffer buffer, int index, int length) {
        hash(buffer, index, length);
        long high = hash.getLong(0);
        long low = hash.getLong(Long.BYTES);
        int number = (int) low & mask;
        while (true) {
            int slot = SLOT_LENGTH * number;
            if (slots[slot + NEXT_OFFSET] == 0 || (slots[slot + HIGH] == high && slots[slot + LOW] == low)) {
                return slot;
            }
            number = (number + 1) & mask;
        }
    }

    private void hash(DirectBuffer buffer, int index, int length) {
        if (length > key.length) {
            key = new byte[BitUtil.findNextPositivePowerOfTwo(length)];
        }
        buffer.getBytes(index, key, 0, length);
        md5.update(key, 0, length);
        try {
            md5.digest(hash.byteArray(), 0, HASH_LENGTH);
        } catch (DigestException e) {
            throw new IllegalStateException("MD5 is longer than it was", e);
        }
    }
}
