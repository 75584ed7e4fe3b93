package io.tidemill.errors;

/** A topic's name breaks Kafka's rule for names; the message says how. */
public final class InvalidTopicException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public InvalidTopicException(String message) {
        super(message);
    }
}
