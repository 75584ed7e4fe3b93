package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** The storage refused: not writable, not a directory, full, or broken beneath. What the message says was not written was not written. */
public final class StorageException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public StorageException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public StorageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
