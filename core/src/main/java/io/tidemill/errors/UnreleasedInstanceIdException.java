package io.tidemill.errors;

/** Another member has that instance id, and has not left. */
public final class UnreleasedInstanceIdException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public UnreleasedInstanceIdException(String message) {
        super(message, null);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
