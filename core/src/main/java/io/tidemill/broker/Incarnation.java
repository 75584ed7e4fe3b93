package io.tidemill.broker;

/**
 * A broker from when it takes part in its cluster until it does not any more.
 *
 * @param brokerId its number
 * @param epoch rises each time
 */
public record Incarnation(int brokerId, long epoch) {
    /** A broker that is in no cluster, or in none yet. */
    public static final Incarnation NONE = new Incarnation(-1, 0);

    /** What is known of one. */
    public enum Fate {
        /** It is this very one. */
        HERE,
        /** It lives, as far as is known. */
        ELSEWHERE,
        /** It has been silent for too long, and may come back. */
        SILENT,
        /** It will not come back. */
        OVER
    }
}
