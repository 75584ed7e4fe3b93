package io.tidemill;

/**
 * The headers that a record has in a dead-letter topic besides its own, in this order. All values are UTF-8, numbers in
 * decimal digits. A record that was a dead letter before has those of that time, too: the last ones are the newest.
 */
public final class DeadLetterHeaders {
    /** The topic that it was read from. */
    public static final String TOPIC = "tidemill.dead-letter.topic";

    /** The partition that it was read from. */
    public static final String PARTITION = "tidemill.dead-letter.partition";

    /** Its offset there. */
    public static final String OFFSET = "tidemill.dead-letter.offset";

    /** Its timestamp there, in milliseconds since the epoch; the dead letter has the time at which it was sent. */
    public static final String TIMESTAMP = "tidemill.dead-letter.timestamp";

    /** The class of the last exception. */
    public static final String EXCEPTION = "tidemill.dead-letter.exception";

    /** The message of the last exception, cut if it is long; null if it has none. */
    public static final String MESSAGE = "tidemill.dead-letter.message";

    private DeadLetterHeaders() {}
}
