package io.tidemill;

/**
 * Settings of a topic.
 *
 * @param partitions how many
 * @param maxMessageBytes Kafka's {@code max.message.bytes}: the largest batch, and so an upper bound of a record with
 *     its overhead
 */
public record TopicSettings(int partitions, int maxMessageBytes) {
    /** Kafka's default of {@code max.message.bytes}. */
    public static final int DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

    private static final int PARTITIONS_MAX = 100_000;
    private static final int MAX_MESSAGE_BYTES_MIN = 1024;

    /** Validates. */
    public TopicSettings {
        if (partitions < 1 || partitions > PARTITIONS_MAX) {
            throw new IllegalArgumentException(
                    "partitions must be from 1 to " + PARTITIONS_MAX + ": partitions=" + partitions);
        }
        if (maxMessageBytes < MAX_MESSAGE_BYTES_MIN) {
            throw new IllegalArgumentException("max.message.bytes must be at least " + MAX_MESSAGE_BYTES_MIN
                    + ": max.message.bytes=" + maxMessageBytes);
        }
    }

    /**
     * That many partitions, and defaults.
     *
     * @param partitions at least 1
     * @return settings
     */
    public static TopicSettings partitions(int partitions) {
        return new TopicSettings(partitions, DEFAULT_MAX_MESSAGE_BYTES);
    }

    /**
     * The same with another limit.
     *
     * @param maxMessageBytes as in the record
     * @return a copy
     */
    public TopicSettings withMaxMessageBytes(int maxMessageBytes) {
        return new TopicSettings(partitions, maxMessageBytes);
    }
}
