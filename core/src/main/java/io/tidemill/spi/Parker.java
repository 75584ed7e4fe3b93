package io.tidemill.spi;

/**
 * How a thread of the user waits inside a call: for room in a ring, for records, for an acknowledgement.
 * In production it parks; under a manual clock, where nobody else would move time, waiting is what moves it.
 */
public interface Parker {
    /**
     * Waits until {@link #unpark} of the calling thread, an interrupt, the given time, or for no reason at all.
     *
     * @param maxNs at most this long
     */
    void park(long maxNs);

    /**
     * Ends a wait of that thread, or lets its next one return at once.
     *
     * @param thread the thread that waits
     */
    void unpark(Thread thread);
}
