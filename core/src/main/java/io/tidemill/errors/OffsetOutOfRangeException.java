package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** The offset asked for lies below the start or above the end of the partition. */
public final class OffsetOutOfRangeException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public OffsetOutOfRangeException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public OffsetOutOfRangeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
