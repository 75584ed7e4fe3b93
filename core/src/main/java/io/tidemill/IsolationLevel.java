package io.tidemill;

/** Kafka's {@code isolation.level}: how far a consumer may read. */
public enum IsolationLevel {
    /** Up to the last record that is committed to the log. */
    READ_UNCOMMITTED("read_uncommitted"),
    /** As far as no transaction is open. Nothing is written in transactions yet, so it is as far as the other. */
    READ_COMMITTED("read_committed");

    private final String text;

    IsolationLevel(String text) {
        this.text = text;
    }

    /** As Kafka writes it. */
    @Override
    public String toString() {
        return text;
    }
}
