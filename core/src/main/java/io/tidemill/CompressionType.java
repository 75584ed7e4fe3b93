package io.tidemill;

import io.tidemill.batch.BatchLayout;

/** Kafka's {@code compression.type}. What is not in the JDK needs a library, which {@code io.tidemill} does not bring. */
public enum CompressionType {
    /** As they are. */
    NONE("none", BatchLayout.CODEC_NONE),
    /** By the JDK. */
    GZIP("gzip", BatchLayout.CODEC_GZIP),
    /** By {@code at.yawk.lz4:lz4-java}. */
    LZ4("lz4", BatchLayout.CODEC_LZ4),
    /** By {@code com.github.luben:zstd-jni}. */
    ZSTD("zstd", BatchLayout.CODEC_ZSTD);

    private final String text;
    private final byte id;

    CompressionType(String text, byte id) {
        this.text = text;
        this.id = id;
    }

    /**
     * The other way round of {@link #toString}.
     *
     * @param text as Kafka writes it
     * @return the type
     */
    public static CompressionType of(String text) {
        for (CompressionType type : values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                "compression.type must be none, gzip, lz4 or zstd: compression.type=" + text);
    }

    /**
     * Its number in the header of a batch.
     *
     * @return Kafka's
     */
    public byte id() {
        return id;
    }

    /** As Kafka writes it. */
    @Override
    public String toString() {
        return text;
    }
}
