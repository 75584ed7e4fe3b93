package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/** A codec is asked for whose library is not there; the message names its Maven coordinates. */
public final class UnsupportedCompressionTypeException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     * @param cause what lay beneath, where something did
     */
    public UnsupportedCompressionTypeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
