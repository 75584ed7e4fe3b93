package io.tidemill;

/** Kafka's {@code acks}: what a producer waits for before it calls a record acknowledged. */
public enum Acks {
    /** Nothing: a record is acknowledged as soon as it is accepted, and its offset is not known. */
    NONE("0"),
    /** That the partition's leader has appended it. In a cluster it may be lost with that leader, if the next one has not got it. */
    LEADER("1"),
    /** That all in-sync replicas have it, at least {@code min.insync.replicas}. On a single broker that is the same as {@link #LEADER}. */
    ALL("all");

    private final String text;

    Acks(String text) {
        this.text = text;
    }

    /**
     * The other way round of {@link #toString}.
     *
     * @param text as Kafka writes it; −1 is another way to say all
     * @return what is meant
     */
    public static Acks of(String text) {
        for (Acks acks : values()) {
            if (acks.text.equals(text)) {
                return acks;
            }
        }
        if (text.equals("-1")) {
            return ALL;
        }
        throw new IllegalArgumentException("acks must be 0, 1 or all: acks=" + text);
    }

    /** As Kafka writes it. */
    @Override
    public String toString() {
        return text;
    }
}
