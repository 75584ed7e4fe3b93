package io.tidemill.spi;

/** The two readings of time a broker needs. Any thread may call; a manual clock stands still until it is moved. */
public interface Clock {
    /**
     * Monotonic time. Its origin is arbitrary and it may wrap: compare by subtraction only.
     *
     * @return nanoseconds
     */
    long nowNs();

    /**
     * The time that records are stamped with.
     *
     * @return milliseconds since the epoch, as the system believes; may jump, also backwards
     */
    long epochMs();
}
