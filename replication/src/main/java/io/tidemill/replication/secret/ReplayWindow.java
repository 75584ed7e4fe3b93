package io.tidemill.replication.secret;

/** Which of the last numbers were seen; what is older counts as seen. Starts with none. */
final class ReplayWindow {
    /** More frames than overtake each other anywhere. A power of two. */
    static final int LENGTH = 4096;

    private final long[] seen = new long[LENGTH / Long.SIZE];
    private long end;

    boolean isNew(long number) {
        if (number >= end) {
            return true;
        }
        return number >= 0 && number >= end - LENGTH && (seen[word(number)] & bit(number)) == 0;
    }

    void see(long number) {
        // What leaves the window makes room for what enters it.
        for (long entering = Math.max(end, number - LENGTH + 1); entering <= number; entering++) {
            seen[word(entering)] &= ~bit(entering);
        }
        seen[word(number)] |= bit(number);
        end = Math.max(end, number + 1);
    }

    private static int word(long number) {
        return (int) (number & (LENGTH - 1)) / Long.SIZE;
    }

    private static long bit(long number) {
        return 1L << number;
    }
}
