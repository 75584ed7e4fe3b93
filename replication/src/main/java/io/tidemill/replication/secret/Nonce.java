package io.tidemill.replication.secret;

import java.util.random.RandomGenerator;

/**
 * A number of 128 bits that nobody guesses and nobody draws twice.
 *
 * @param high half of it
 * @param low the other half
 */
public record Nonce(long high, long low) {
    public static final int LENGTH = 2 * Long.BYTES;

    /** Nobody's. */
    public static final Nonce NONE = new Nonce(0, 0);

    public static Nonce draw(RandomGenerator random) {
        Nonce drawn = new Nonce(random.nextLong(), random.nextLong());
        return drawn.equals(NONE) ? draw(random) : drawn;
    }
}
