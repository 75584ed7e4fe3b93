package io.tidemill.benchmarks;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The value that is written and read everywhere: {@value #LENGTH} bytes, the record's number and then filling. */
final class Payload {
    static final int LENGTH = 100;

    private static final byte[] FILLING = filling();
    private static final long FILLING_SUM = fillingSum();

    private Payload() {}

    private static byte[] filling() {
        byte[] bytes = new byte[LENGTH - Long.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (31 * i + 7);
        }
        return bytes;
    }

    private static long fillingSum() {
        UnsafeBuffer value = new UnsafeBuffer(new byte[LENGTH]);
        encode(value, 0, 0);
        return sum(value, 0);
    }

    static void encode(MutableDirectBuffer target, int index, long number) {
        target.putLong(index, number, LITTLE_ENDIAN);
        target.putBytes(index + Long.BYTES, FILLING);
    }

    /** Looks at every cache line of a value, and no more, or this sum would be what is measured: it cost 10 ns. */
    static long sum(DirectBuffer source, int index) {
        return source.getLong(index, LITTLE_ENDIAN)
                + source.getLong(index + LENGTH / 2, LITTLE_ENDIAN)
                + source.getLong(index + LENGTH - Long.BYTES, LITTLE_ENDIAN);
    }

    /** What the sums of that many values add up to, in any order, when none is missing, twice there, or damaged. */
    static long sumOf(long firstNumber, long count) {
        return count * FILLING_SUM + count * firstNumber + count * (count - 1) / 2;
    }
}
