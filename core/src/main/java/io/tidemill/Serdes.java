package io.tidemill;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.tidemill.json.JsonSerde;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
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

    private static final Serde<Float> FLOAT = new Serde<>(
            (value, target, index) -> {
                target.putFloat(index, value, BIG_ENDIAN);
                return Float.BYTES;
            },
            (source, index, length) -> source.getFloat(requireLength(Float.BYTES, index, length), BIG_ENDIAN));

    private static final Serde<Short> SHORT = new Serde<>(
            (value, target, index) -> {
                target.putShort(index, value, BIG_ENDIAN);
                return Short.BYTES;
            },
            (source, index, length) -> source.getShort(requireLength(Short.BYTES, index, length), BIG_ENDIAN));

    private static final Serde<UUID> ID = new Serde<>(
            (value, target, index) -> target.putStringWithoutLengthAscii(index, value.toString()),
            (source, index, length) -> UUID.fromString(source.getStringWithoutLengthUtf8(index, length)));

    private static final Serde<ByteBuffer> BYTE_BUFFER = new Serde<>(
            (value, target, index) -> {
                target.putBytes(index, value, 0, value.limit());
                return value.limit();
            },
            (source, index, length) -> {
                byte[] bytes = new byte[length];
                source.getBytes(index, bytes);
                return ByteBuffer.wrap(bytes);
            });

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

    /**
     * Four bytes, big-endian, IEEE 754.
     *
     * @return shared
     */
    public static Serde<Float> floats() {
        return FLOAT;
    }

    /**
     * Two bytes, big-endian.
     *
     * @return shared
     */
    public static Serde<Short> shorts() {
        return SHORT;
    }

    /**
     * As text of 36 characters, which is how Kafka has it.
     *
     * @return shared
     */
    public static Serde<UUID> uuid() {
        return ID;
    }

    /**
     * Bytes from 0 to the limit, wherever the position is, which stays where it is. What is read is a copy.
     *
     * @return shared
     */
    public static Serde<ByteBuffer> byteBuffer() {
        return BYTE_BUFFER;
    }

    /**
     * JSON by Jackson, as it is without any settings; {@link JsonSerde} takes a mapper that has some. The library is not
     * among our dependencies: {@code com.fasterxml.jackson.core:jackson-databind} has to be added.
     *
     * @param type what the text is read as
     * @param <T> the same
     * @return a new one
     * @throws IllegalStateException when the library is missing
     */
    public static <T> Serde<T> json(Class<T> type) {
        try {
            return JsonSerde.of(type);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(
                    "JSON needs a library that is missing: add the dependency"
                            + " com.fasterxml.jackson.core:jackson-databind, type=" + type.getName() + ", reason=" + e,
                    e);
        }
    }

    private static int requireLength(int expected, int index, int length) {
        if (length != expected) {
            throw new IllegalArgumentException("wrong number of bytes: expected=" + expected + ", found=" + length);
        }
        return index;
    }
}
