package io.tidemill;

import java.time.Duration;
import java.util.Objects;

/**
 * Settings of a {@link RecordLoop}.
 *
 * @param retries how often a record is given to the handler again after the first time; the records behind it wait
 * @param retryBackoff Kafka's {@code retry.backoff.ms}: the wait before the first retry, which doubles with each further one
 * @param retryBackoffMax Kafka's {@code retry.backoff.max.ms}: the longest wait
 * @param poison what happens to a record that fails after all retries, or cannot be deserialized
 */
public record LoopSettings(int retries, Duration retryBackoff, Duration retryBackoffMax, PoisonPolicy poison) {
    /** Validates. */
    public LoopSettings {
        if (retries < 0) {
            throw new IllegalArgumentException("retries must not be negative: retries=" + retries);
        }
        if (retryBackoff.isNegative()) {
            throw new IllegalArgumentException("retryBackoff must not be negative: retryBackoff=" + retryBackoff);
        }
        if (retryBackoffMax.compareTo(retryBackoff) < 0) {
            throw new IllegalArgumentException("retryBackoffMax must not be below retryBackoff: retryBackoffMax="
                    + retryBackoffMax + ", retryBackoff=" + retryBackoff);
        }
        Objects.requireNonNull(poison, "poison");
    }

    /**
     * Five retries, after 100 ms, 200 ms and so on up to Kafka's 1 s, which takes 2.5 s; then the loop stops.
     *
     * @return the default
     */
    public static LoopSettings defaults() {
        return new LoopSettings(5, Duration.ofMillis(100), Duration.ofSeconds(1), PoisonPolicy.stop());
    }

    /**
     * The same with another number of retries.
     *
     * @param retries as in the record
     * @return a copy
     */
    public LoopSettings withRetries(int retries) {
        return new LoopSettings(retries, retryBackoff, retryBackoffMax, poison);
    }

    /**
     * The same with other waits.
     *
     * @param retryBackoff as in the record
     * @param retryBackoffMax as in the record
     * @return a copy
     */
    public LoopSettings withRetryBackoff(Duration retryBackoff, Duration retryBackoffMax) {
        return new LoopSettings(retries, retryBackoff, retryBackoffMax, poison);
    }

    /**
     * The same with another policy.
     *
     * @param poison as in the record
     * @return a copy
     */
    public LoopSettings withPoison(PoisonPolicy poison) {
        return new LoopSettings(retries, retryBackoff, retryBackoffMax, poison);
    }
}
