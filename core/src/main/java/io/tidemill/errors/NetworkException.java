package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** The network refused, or nobody answers: an address that is taken or not ours, a host that nobody knows, a broker that is away. */
public final class NetworkException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public NetworkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
