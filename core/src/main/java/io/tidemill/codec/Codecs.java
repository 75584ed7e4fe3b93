package io.tidemill.codec;

import io.tidemill.CompressionType;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.UnsupportedCompressionTypeException;
import java.util.EnumMap;
import java.util.Map;
import org.agrona.CloseHelper;

/** A codec of each type that was asked for. Owned by one thread. */
public final class Codecs implements AutoCloseable {
    private static final CompressionType[] TYPES = CompressionType.values();

    private final Map<CompressionType, Codec> made = new EnumMap<>(CompressionType.class);

    Codecs() {}

    /**
     * Refuses a type whose library is not there. Any thread.
     *
     * @throws UnsupportedCompressionTypeException and names the library
     */
    public static void requireAvailable(CompressionType type) {
        if (type != CompressionType.NONE) {
            newCodec(type).close();
        }
    }

    /** The type of that number in the header of a batch. The place is for the message of an error. */
    static CompressionType type(byte id, String place) {
        for (CompressionType type : TYPES) {
            if (type.id() == id) {
                return type;
            }
        }
        throw new CorruptRecordException("batch of an unknown codec: codec=" + id + ", " + place);
    }

    Codec of(CompressionType type) {
        Codec codec = made.get(type);
        if (codec == null) {
            codec = newCodec(type);
            made.put(type, codec);
        }
        return codec;
    }

    private static Codec newCodec(CompressionType type) {
        try {
            return switch (type) {
                case NONE -> throw new IllegalArgumentException("nothing to compress by: type=" + type);
                case GZIP -> new GzipCodec();
                case LZ4 -> new Lz4Codec();
                case ZSTD -> new ZstdCodec();
            };
        } catch (LinkageError e) {
            throw new UnsupportedCompressionTypeException(
                    "the library of a compression.type is missing, or does not load here: compression.type=" + type
                            + ", add the dependency " + library(type) + ", reason=" + e,
                    e);
        }
    }

    private static String library(CompressionType type) {
        return type == CompressionType.LZ4 ? "at.yawk.lz4:lz4-java" : "com.github.luben:zstd-jni";
    }

    @Override
    public void close() {
        CloseHelper.closeAll(made.values());
        made.clear();
    }
}
