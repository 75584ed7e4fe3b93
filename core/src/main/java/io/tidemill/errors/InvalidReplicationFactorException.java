package io.tidemill.errors;

/** A partition is to have more replicas than there are brokers that live. */
public final class InvalidReplicationFactorException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public InvalidReplicationFactorException(String message) {
        super(message, null);
    }

    /** Brokers may come. */
    @Override
    public boolean retriable() {
        return true;
    }
}
