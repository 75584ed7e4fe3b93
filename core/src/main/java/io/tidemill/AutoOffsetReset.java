package io.tidemill;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's {@code auto.offset.reset}: where a consumer begins that has no position, and where it goes on when its position lies
 * below the partition's start, because the records were deleted, or above its end, because the log is not the one it was.
 */
public sealed interface AutoOffsetReset {
    /**
     * At the first record that there is.
     *
     * @return Kafka's {@code earliest}
     */
    static AutoOffsetReset earliest() {
        return Place.EARLIEST;
    }

    /**
     * Behind the last record that there is.
     *
     * @return Kafka's {@code latest}
     */
    static AutoOffsetReset latest() {
        return Place.LATEST;
    }

    /**
     * Nowhere: the application has to seek, and is told so by an {@link io.tidemill.errors.OffsetOutOfRangeException}.
     *
     * @return Kafka's {@code none}
     */
    static AutoOffsetReset none() {
        return Place.NONE;
    }

    /**
     * At the first record that is not older, or behind the last one.
     *
     * @param age how old the records may be, by the clock of the moment when the position is reset
     * @return Kafka's {@code by_duration}
     */
    static AutoOffsetReset byDuration(Duration age) {
        return new ByDuration(age);
    }

    /**
     * The other way round of {@link Object#toString}.
     *
     * @param text as Kafka writes it: {@code earliest}, {@code latest}, {@code none} or {@code by_duration:PT1H}
     * @return the policy
     */
    static AutoOffsetReset of(String text) {
        for (Place place : Place.values()) {
            if (place.toString().equals(text)) {
                return place;
            }
        }
        if (text.startsWith(ByDuration.PREFIX)) {
            try {
                return byDuration(Duration.parse(text.substring(ByDuration.PREFIX.length())));
            } catch (DateTimeParseException e) {
                throw unknown(text, e);
            }
        }
        throw unknown(text, null);
    }

    private static IllegalArgumentException unknown(String text, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "auto.offset.reset must be earliest, latest, none, or by_duration: with a duration as in ISO 8601: "
                        + "auto.offset.reset=" + text,
                cause);
    }

    /** A place that needs no more to be said. */
    enum Place implements AutoOffsetReset {
        /** The first record. */
        EARLIEST("earliest"),
        /** Behind the last record. */
        LATEST("latest"),
        /** None. */
        NONE("none");

        private final String text;

        Place(String text) {
            this.text = text;
        }

        /** As Kafka writes it. */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * A place in time.
     *
     * @param age how old the records may be
     */
    record ByDuration(Duration age) implements AutoOffsetReset {
        private static final String PREFIX = "by_duration:";
        private static final Duration AGE_MAX = Duration.ofMillis(Long.MAX_VALUE);

        /** Validates. */
        public ByDuration {
            if (age.isNegative() || age.compareTo(AGE_MAX) > 0) {
                throw new IllegalArgumentException(
                        "the duration of auto.offset.reset must be from 0 to " + AGE_MAX + ": duration=" + age);
            }
        }

        /** As Kafka writes it. */
        @Override
        public String toString() {
            return PREFIX + age;
        }
    }
}
