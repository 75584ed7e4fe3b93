package io.tidemill.spi;

/** Kafka's {@code cleanup.policy}. */
public enum CleanupPolicy {
    /** Records go when they are too old, or the log is too large. */
    DELETE("delete"),
    /** Records go when their key has a later one. Each must have a key. */
    COMPACT("compact"),
    /** Both. Files are not merged then, so that each can be deleted in its time. */
    COMPACT_DELETE("compact,delete");

    private final String text;

    CleanupPolicy(String text) {
        this.text = text;
    }

    /**
     * Whether whole files go, by age or size.
     *
     * @return whether they do
     */
    public boolean deletes() {
        return this != COMPACT;
    }

    /**
     * Whether records go that have a successor.
     *
     * @return whether they do
     */
    public boolean compacts() {
        return this != DELETE;
    }

    /**
     * The other way round of {@link #toString}.
     *
     * @param text as Kafka writes it
     * @return the policy
     */
    public static CleanupPolicy of(String text) {
        for (CleanupPolicy policy : values()) {
            if (policy.text.equals(text)) {
                return policy;
            }
        }
        throw new IllegalArgumentException(
                "cleanup.policy must be delete, compact or compact,delete: cleanup.policy=" + text);
    }

    /** As Kafka writes it. */
    @Override
    public String toString() {
        return text;
    }
}
