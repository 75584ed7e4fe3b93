package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** A serializer threw, or, as {@link RecordDeserializationException}, a deserializer; the message names the topic. */
public sealed class SerializationException extends TidemillException permits RecordDeserializationException {
    private static final long serialVersionUID = 1L;

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
        super(message, cause);
    }

    @Override
    public final boolean retriable() {
        return false;
    }
}
