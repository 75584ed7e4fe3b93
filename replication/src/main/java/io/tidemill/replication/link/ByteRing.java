package io.tidemill.replication.link;

import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The bytes of a stream between two positions: those that may be sent again, or are not whole messages yet. Its memory grows with
 * what is in it, up to a bound. Owned by the thread that has the session.
 */
final class ByteRing {
    private static final int CAPACITY_MIN = 16 * 1024;

    private final int capacityMax;
    private UnsafeBuffer bytes;
    /** Everything between here and there may be in it. */
    private long start;

    private UnsafeBuffer unwrapped = new UnsafeBuffer(new byte[0]);
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

    /**
     * @param capacityMax how many bytes it holds at most, a power of two
     */
    ByteRing(int capacityMax) {
        this.capacityMax = capacityMax;
        this.bytes = new UnsafeBuffer(new byte[Math.min(CAPACITY_MIN, capacityMax)]);
    }

    /** Where its bytes begin. */
    long start() {
        return start;
    }

    /** How far it can reach. */
    long limit() {
        return start + capacityMax;
    }

    /** Forgets what is in front of a position. */
    void release(long position) {
        start = position;
    }

    /** Takes bytes, which must lie between {@link #start} and {@link #limit}. */
    void put(long position, DirectBuffer source, int index, int length) {
        ensureReach(position + length);
        int first = offset(position);
        int untilEnd = Math.min(length, bytes.capacity() - first);
        bytes.putBytes(first, source, index, untilEnd);
        bytes.putBytes(0, source, index + untilEnd, length - untilEnd);
    }

    void putInt(long position, int value) {
        ensureReach(position + Integer.BYTES);
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes.putByte(offset(position + i), (byte) (value >>> (i * Byte.SIZE)));
        }
    }

    int getInt(long position) {
        int value = 0;
        for (int i = 0; i < Integer.BYTES; i++) {
            value |= (bytes.getByte(offset(position + i)) & 0xff) << (i * Byte.SIZE);
        }
        return value;
    }

    void get(long position, MutableDirectBuffer target, int index, int length) {
        int first = offset(position);
        int untilEnd = Math.min(length, bytes.capacity() - first);
        target.putBytes(index, bytes, first, untilEnd);
        target.putBytes(index + untilEnd, bytes, 0, length - untilEnd);
    }

    /** Those bytes in one piece, valid until the next call: copied only where the ring parts them. */
    DirectBuffer view(long position, int length) {
        int first = offset(position);
        if (first + length <= bytes.capacity()) {
            view.wrap(bytes, first, length);
            return view;
        }
        if (unwrapped.capacity() < length) {
            unwrapped = new UnsafeBuffer(new byte[BitUtil.findNextPositivePowerOfTwo(length)]);
        }
        get(position, unwrapped, 0, length);
        view.wrap(unwrapped, 0, length);
        return view;
    }

    private void ensureReach(long end) {
        if (end - start <= bytes.capacity()) {
            return;
        }
        if (end - start > capacityMax) {
            throw new IllegalStateException(
                    "ring is too small: start=" + start + ", end=" + end + ", capacityMax=" + capacityMax);
        }
        UnsafeBuffer larger = new UnsafeBuffer(new byte[BitUtil.findNextPositivePowerOfTwo((int) (end - start))]);
        for (long position = start; position < start + bytes.capacity(); ) {
            int from = offset(position);
            int to = (int) position & (larger.capacity() - 1);
            int length = Math.min(
                    (int) (start + bytes.capacity() - position),
                    Math.min(bytes.capacity() - from, larger.capacity() - to));
            larger.putBytes(to, bytes, from, length);
            position += length;
        }
        bytes = larger;
    }

    private int offset(long position) {
        return (int) position & (bytes.capacity() - 1);
    }
}
