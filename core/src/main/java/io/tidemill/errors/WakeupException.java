package io.tidemill.errors;

/** The wait was ended by a wakeup from another thread. Nothing was read, and nothing is lost: the call can be made again. */
public final class WakeupException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public WakeupException(String message) {
        super(message, null);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
