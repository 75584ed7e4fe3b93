package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/**
 * A deserializer threw. The consumer stays at the record, and meets it again; who does not want it goes to the
 * {@link #offset} behind it.
 */
public final class RecordDeserializationException extends SerializationException {
    private static final long serialVersionUID = 1L;

    private final String topic;
    private final int partition;
    private final long offset;

    /**
     * @param what the fact, without the place
     * @param topic of the record
     * @param partition of the record
     * @param offset of the record
     * @param cause what the deserializer threw
     */
    public RecordDeserializationException(
            String what, String topic, int partition, long offset, @Nullable Throwable cause) {
        super(what + ", topic=" + topic + ", partition=" + partition + ", offset=" + offset, cause);
        this.topic = topic;
        this.partition = partition;
        this.offset = offset;
    }

    /**
     * Where the record is.
     *
     * @return the topic's name
     */
    public String topic() {
        return topic;
    }

    /**
     * Where the record is.
     *
     * @return the partition's number
     */
    public int partition() {
        return partition;
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
