package io.tidemill.groups;

import java.time.Duration;

/** When and where a member of a group says how far it has read. */
public sealed interface CommitPolicy {
    /**
     * By itself, every five seconds.
     *
     * @return the default, as Kafka's
     */
    static CommitPolicy automatic() {
        return automatic(Duration.ofSeconds(5));
    }

    /**
     * By itself: in a {@code poll} after that time, before a partition is given up, and when the member is closed. What a
     * {@code poll} returned counts as read when the next one is called.
     *
     * @param interval Kafka's {@code auto.commit.interval.ms}
     * @return Kafka's {@code enable.auto.commit=true}
     */
    static CommitPolicy automatic(Duration interval) {
        return new Automatic(interval);
    }

    /**
     * When {@link ConsumerGroup#commit()} or its like is called.
     *
     * @return Kafka's {@code enable.auto.commit=false}
     */
    static CommitPolicy manual() {
        return Manual.INSTANCE;
    }

    /**
     * When the application saves it beside its own data: {@link ConsumerGroup#commit()} and its like are refused, and
     * {@link Groups} does not know how far the group has read.
     *
     * @param store is asked where to begin, whenever the member gets partitions
     * @return for instance with a {@link io.tidemill.groups.jdbc.JdbcOffsetStore}
     */
    static CommitPolicy into(OffsetStore store) {
        return new Elsewhere(store);
    }

    /**
     * By itself, after a time.
     *
     * @param interval how long
     */
    record Automatic(Duration interval) implements CommitPolicy {
        /** Validates. */
        public Automatic {
            if (interval.isNegative()) {
                throw new IllegalArgumentException(
                        "auto.commit.interval.ms must not be negative: auto.commit.interval.ms=" + interval);
            }
        }
    }

    /**
     * Beside the application's own data.
     *
     * @param store where
     */
    record Elsewhere(OffsetStore store) implements CommitPolicy {}

    /** When it is told. */
    enum Manual implements CommitPolicy {
        /** The only one. */
        INSTANCE
    }
}
