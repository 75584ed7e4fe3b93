package io.tidemill;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/** Serdes for plain things, byte for byte as Kafka's of the same name. */
public final class Serdes {
    private static final Serde<String> STRING = new Serde<>(
            (value, target, index) -> {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                target.putBytes(index, bytes);
                return bytes.length;
            },
            DirectBuffer::getStringWithoutLengthUtf8);

    private static final Serde<byte[]> BYTES = new Serde<>(
            (value, target, index) -> {
                target.putBytes(index, value);
                return value.length;
            },
            (source, index, length) -> {
                byte[] bytes = new byte[length];
                source.getBytes(index, bytes);
                return bytes;
            });

    private static final Serde<Integer> INTEGER = new Serde<>(
            (value, target, index) -> {
                target.putInt(index, value, BIG_ENDIAN);
                return Integer.BYTES;
            },
            (source, index, length) -> source.getInt(requireLength(Integer.BYTES, index, length), BIG_ENDIAN));

    private static final Serde<Long> LONG = new Serde<>(
            (value, target, index) -> {
                target.putLong(index, value, BIG_ENDIAN);
                return Long.BYTES;
            },
            (source, index, length) -> source.getLong(requireLength(Long.BYTES, index, length), BIG_ENDIAN));

    private static final Serde<Double> DOUBLE = new Serde<>(
            (value, target, index) -> {
                target.putDouble(index, value, BIG_ENDIAN);
                return Double.BYTES;
            },
            (source, index, length) -> source.getDouble(requireLength(Double.BYTES, index, length), BIG_ENDIAN));

    private Serdes() {}

    /**
     * Strings as UTF-8.
     *
     * @return shared
     */
    public static Serde<String> string() {
        return STRING;
    }

    /**
     * Bytes as they are. The array is copied both ways.
     *
     * @return shared
     */
    public static Serde<byte[]> bytes() {
        return BYTES;
    }

    /**
     * Four bytes, big-endian.
     *
     * @return shared
     */
    public static Serde<Integer> integer() {
        return INTEGER;
    }

    /**
     * Eight bytes, big-endian.
     *
     * @return shared
     */
    public static Serde<Long> longs() {
        return LONG;
    }

    /**
     * Eight bytes, big-endian, IEEE 754.
     *
     * @return shared
     */
    public static Serde<Double> doubles() {
        return DOUBLE;
    }

    private static int requireLength(int expected, int index, int length) {
        if (length != expected) {
            throw new IllegalArgumentException("wrong number of bytes: expected=" + expected + ", found=" + length);
        }
        return index;
    }
}
