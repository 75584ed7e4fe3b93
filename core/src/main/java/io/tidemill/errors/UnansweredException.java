package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** Somebody would not wait any longer for what becomes of a record: it may be appended, be so later, or never be. */
public final class UnansweredException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public UnansweredException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public UnansweredException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** It may be there already: sending it again may make two of it. */
    @Override
    public boolean retriable() {
        return false;
    }
}
