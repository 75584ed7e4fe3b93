package io.tidemill.errors;

/** A static member was replaced by another one of the same instance id. */
public final class FencedInstanceIdException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public FencedInstanceIdException(String message) {
        super(message, null);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
