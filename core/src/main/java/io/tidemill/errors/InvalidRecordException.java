package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** A record is not one that its topic takes: a compacted topic takes none without a key. Nothing of it was written. */
public final class InvalidRecordException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public InvalidRecordException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public InvalidRecordException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
