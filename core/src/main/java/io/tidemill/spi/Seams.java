package io.tidemill.spi;

import io.tidemill.MetricsListener;
import io.tidemill.runtime.SystemClock;
import io.tidemill.runtime.SystemRandom;
import io.tidemill.runtime.ThreadParker;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a broker takes from its surroundings.
 *
 * @param clock time
 * @param parker how a user's thread waits inside a call
 * @param random chance; used by one thread at a time
 * @param threads who does the work
 * @param metricsListener is told what the broker does; null for none
 */
public record Seams(
        Clock clock,
        Parker parker,
        RandomGenerator random,
        Threads threads,
        @Nullable MetricsListener metricsListener) {
    /**
     * Without a listener.
     *
     * @param clock as in the record
     * @param parker as in the record
     * @param random as in the record
     * @param threads as in the record
     */
    public Seams(Clock clock, Parker parker, RandomGenerator random, Threads threads) {
        this(clock, parker, random, threads, null);
    }

    /**
     * The system's clock, randomness seeded by the system, threads of the broker's own.
     *
     * @return the default
     */
    public static Seams system() {
        return new Seams(SystemClock.INSTANCE, ThreadParker.INSTANCE, SystemRandom.create(), Threads.dedicated());
    }

    /**
     * The same with other threads.
     *
     * @param threads as in the record
     * @return a copy
     */
    public Seams withThreads(Threads threads) {
        return new Seams(clock, parker, random, threads, metricsListener);
    }

    /**
     * The same with somebody who is told what the broker does.
     *
     * @param metricsListener as in the record
     * @return a copy
     */
    public Seams withMetricsListener(MetricsListener metricsListener) {
        return new Seams(clock, parker, random, threads, metricsListener);
    }
}
