package io.tidemill.errors;

/**
 * Records of an idempotent producer do not begin where those end that the partition has of it: some in between never came,
 * or they are a repetition of only a part, or of what is so long ago that it is not remembered.
 */
public final class OutOfOrderSequenceException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public OutOfOrderSequenceException(String message) {
        super(message, null);
    }

    /** What is missing would have to be sent first; whether it was appended is not known. */
    @Override
    public boolean retriable() {
        return false;
    }
}
