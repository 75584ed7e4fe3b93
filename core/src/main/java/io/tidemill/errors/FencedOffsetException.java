package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** A member of a group would take over a partition, or save how far it is read, and the partition is another's by now. */
public final class FencedOffsetException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public FencedOffsetException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public FencedOffsetException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Who has it does not give it back: the transaction is to be rolled back. */
    @Override
    public boolean retriable() {
        return false;
    }
}
