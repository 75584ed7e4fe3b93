package io.tidemill.errors;

import io.tidemill.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A deserializer threw. The consumer stays at the record, and meets it again; {@code consumer.seek(e.topicPartition(),
 * e.offset() + 1)} goes past it.
 */
public final class RecordDeserializationException extends SerializationException {
    private static final long serialVersionUID = 1L;

    private final String topic;
    private final int partition;
    private final long offset;

    /**
     * A record that cannot be read.
     *
     * @param what failed
     * @param topicPartition where the record is
     * @param offset of the record
     * @param cause what the deserializer threw
     */
    public RecordDeserializationException(
            String what, TopicPartition topicPartition, long offset, @Nullable Throwable cause) {
        super(
                what + ", topic=" + topicPartition.topic() + ", partition=" + topicPartition.partition() + ", offset="
                        + offset,
                cause);
        this.topic = topicPartition.topic();
        this.partition = topicPartition.partition();
        this.offset = offset;
    }

    /**
     * Where the record is.
     *
     * @return its partition
     */
    public TopicPartition topicPartition() {
        return new TopicPartition(topic, partition);
    }

    /**
     * Where the record is.
     *
     * @return its offset; one more is behind it
     */
    public long offset() {
        return offset;
    }
}
