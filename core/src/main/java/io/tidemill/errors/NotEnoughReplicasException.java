package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** Fewer replicas are in sync than the topic wants for a record that all of them should have: nothing was appended. */
public final class NotEnoughReplicasException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public NotEnoughReplicasException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public NotEnoughReplicasException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Others may come back. */
    @Override
    public boolean retriable() {
        return true;
    }
}
