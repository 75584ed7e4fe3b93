package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** A record should have got a certain offset, and another writer was first: nothing was appended. */
public final class OffsetMismatchException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public OffsetMismatchException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public OffsetMismatchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The caller decides anew: what it knew of the partition is not so any more. */
    @Override
    public boolean retriable() {
        return false;
    }
}
