package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** A record is larger than {@code max.message.bytes} of its topic allows; nothing of it was written. */
public final class RecordTooLargeException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public RecordTooLargeException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public RecordTooLargeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
