package io.tidemill;

/** What a producer does with a record for which there is no room in the ring. */
public enum FullRingPolicy {
    /** Waits for room, for {@link ProducerSettings#maxBlock} at most, and then fails. Nothing is dropped. */
    BLOCK,
    /** Fails at once: the send throws, and the record was not accepted. Nothing is dropped. */
    FAIL,
    /**
     * Drops it: the send returns a future that has failed with a {@link io.tidemill.errors.BufferExhaustedException}, and
     * {@link Producer#dropped} counts it.
     */
    DROP_NEWEST
}
