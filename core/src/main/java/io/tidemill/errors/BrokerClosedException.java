package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** The broker was closed, or stopped itself because of the cause, before or during this call. */
public final class BrokerClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     * @param cause why the broker stopped, where it did not stop because it was asked to
     */
    public BrokerClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
