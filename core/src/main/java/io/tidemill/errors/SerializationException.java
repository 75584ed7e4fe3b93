package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** A serializer or a deserializer threw; the message names the topic and, when reading, the offset. */
public final class SerializationException extends TidemillException {
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
    public boolean retriable() {
        return false;
    }
}
