package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** A record loop could not get a record handled and stopped there; the message names the record, the cause says why. */
public final class PoisonRecordException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public PoisonRecordException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public PoisonRecordException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
