package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** A serializer or a deserializer threw; the message names the topic and, when reading, the place of the record. */
public final class SerializationException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /** The record has no place yet: it was about to be sent. */
    public static final long NO_OFFSET = -1;

    private final String topic;
    private final int partition;
    private final long offset;

    /**
     * @param message the fact and its values
     */
    public SerializationException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public SerializationException(String message, @Nullable Throwable cause) {
        this(message, "", -1, NO_OFFSET, cause);
    }

    /**
     * For a record that was being read.
     *
     * @param message the fact and its values
     * @param topic where it lies
     * @param partition where it lies
     * @param offset where it lies
     * @param cause what lay beneath, where something did
     */
    public SerializationException(String message, String topic, int partition, long offset, @Nullable Throwable cause) {
        super(message, cause);
        this.topic = topic;
        this.partition = partition;
        this.offset = offset;
    }

    /**
     * The topic of the record that was being read.
     *
     * @return empty when {@link #offset} is {@link #NO_OFFSET}
     */
    public String topic() {
        return topic;
    }

    /**
     * The partition of the record that was being read.
     *
     * @return −1 when {@link #offset} is {@link #NO_OFFSET}
     */
    public int partition() {
        return partition;
    }

    /**
     * The offset of the record that was being read; {@link io.tidemill.Consumer#seek} to the next one goes past it.
     *
     * @return or {@link #NO_OFFSET}
     */
    public long offset() {
        return offset;
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
