package io.tidemill.spi;

import io.tidemill.runtime.DaemonThreadFactory;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.agrona.concurrent.IdleStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Whose threads do a broker's work.
 *
 * @param mode see there
 * @param factory makes the broker's threads, which get their names from the broker
 * @param idleStrategies makes for each thread what it does while there is no work; null parks it until there is some
 */
public record Threads(
        Mode mode, ThreadFactory factory, @Nullable Supplier<? extends IdleStrategy> idleStrategies) {

    /** How many threads. */
    public enum Mode {
        /** One for each lane, one that completes futures, and, once a topic wants that, one that compacts. */
        DEDICATED,
        /** One for everything. A callback that takes long holds up everything, and so does compaction. */
        SHARED,
        /** None: the work is done by {@link io.tidemill.Broker#doWork} and inside the calls that wait. */
        MANUAL
    }

    /**
     * The default: daemon threads that park while there is nothing to do.
     *
     * @return mode {@link Mode#DEDICATED}
     */
    public static Threads dedicated() {
        return of(Mode.DEDICATED);
    }

    /**
     * A single daemon thread that parks while there is nothing to do.
     *
     * @return mode {@link Mode#SHARED}
     */
    public static Threads shared() {
        return of(Mode.SHARED);
    }

    /**
     * No thread at all.
     *
     * @return mode {@link Mode#MANUAL}
     */
    public static Threads manual() {
        return of(Mode.MANUAL);
    }

    private static Threads of(Mode mode) {
        return new Threads(mode, DaemonThreadFactory.INSTANCE, null);
    }

    /**
     * The same with threads from elsewhere.
     *
     * @param factory as in the record
     * @return a copy
     */
    public Threads withFactory(ThreadFactory factory) {
        return new Threads(mode, factory, idleStrategies);
    }

    /**
     * The same with another way of being idle, for instance {@code BusySpinIdleStrategy::new}.
     *
     * @param idleStrategies called once for each thread
     * @return a copy
     */
    public Threads withIdleStrategy(Supplier<? extends IdleStrategy> idleStrategies) {
        return new Threads(mode, factory, idleStrategies);
    }
}
