package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** No such topic, or no such partition of it. */
public final class UnknownTopicOrPartitionException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public UnknownTopicOrPartitionException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public UnknownTopicOrPartitionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
