package io.tidemill.runtime;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Where randomness comes from. */
public final class SystemRandom {
    private SystemRandom() {}

    /** Fast, with an unpredictable seed. Not for secrets. */
    public static RandomGenerator create() {
        return new SplittableRandom(new SecureRandom().nextLong());
    }

    /** What nobody can guess, whatever he has seen of it. */
    public static RandomGenerator secret() {
        return new SecureRandom();
    }

    /** What comes after a certain seed. */
    public static RandomGenerator seeded(long seed) {
        return new SplittableRandom(seed);
    }
}
