package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/**
 * What the world did to Tidemill: a disk, a peer, another process, a limit. Mistakes of the caller are
 * {@link IllegalArgumentException}s and {@link IllegalStateException}s instead.
 */
public abstract class TidemillException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact, its values, and what can be done
     * @param cause what lay beneath, where something did
     */
    protected TidemillException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * Whether the same call may succeed later without a change by the caller.
     *
     * @return true when trying again is sensible
     */
    public abstract boolean retriable();
}
