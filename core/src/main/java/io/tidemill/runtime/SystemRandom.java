package io.tidemill.runtime;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Fast randomness with an unpredictable seed. Not for secrets. */
public final class SystemRandom {
    private SystemRandom() {}

    public static RandomGenerator create() {
        return new SplittableRandom(new SecureRandom().nextLong());
    }
}
