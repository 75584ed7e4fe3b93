package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** The calling thread was interrupted while it waited. The interrupt stays set, and nothing but the call has ended. */
public final class InterruptException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public InterruptException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public InterruptException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
