package io.tidemill;

/** Kafka's {@code message.timestamp.type}: whose time the records of a topic have. */
public enum TimestampType {
    /** The sender's; the broker's where a sender gives none. */
    CREATE_TIME("CreateTime"),
    /** The broker's, at which the record's batch was appended, whatever the sender gave. */
    LOG_APPEND_TIME("LogAppendTime");

    private final String text;

    TimestampType(String text) {
        this.text = text;
    }

    /**
     * The other way round of {@link #toString}.
     *
     * @param text as Kafka writes it
     * @return the type
     */
    public static TimestampType of(String text) {
        for (TimestampType type : values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                "message.timestamp.type must be CreateTime or LogAppendTime: message.timestamp.type=" + text);
    }

    /** As Kafka writes it. */
    @Override
    public String toString() {
        return text;
    }
}
