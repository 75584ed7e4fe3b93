package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** The ring stayed full for as long as the caller was willing to wait; the record was not accepted. */
public final class BufferExhaustedException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public BufferExhaustedException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public BufferExhaustedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
