package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** Stored bytes are not what was written; the message names the place. */
public final class CorruptRecordException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public CorruptRecordException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public CorruptRecordException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
