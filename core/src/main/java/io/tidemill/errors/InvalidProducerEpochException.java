package io.tidemill.errors;

/** A producer sent under an epoch that has ended: its id is used by a younger instance of it. Nothing was appended. */
public final class InvalidProducerEpochException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public InvalidProducerEpochException(String message) {
        super(message, null);
    }

    /** Under this epoch nothing will be appended any more. */
    @Override
    public boolean retriable() {
        return false;
    }
}
