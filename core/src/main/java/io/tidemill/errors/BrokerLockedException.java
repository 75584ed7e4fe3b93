package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** Another broker, in this process or in another one, holds the directory. */
public final class BrokerLockedException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public BrokerLockedException(String message) {
        this(message, null);
    }

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public BrokerLockedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
