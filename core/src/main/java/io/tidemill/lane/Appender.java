package io.tidemill.lane;

/** What becomes of the batches that a lane gathers for one partition. Owned by the lane thread. */
public interface Appender {
    /** Whether it wants one that is due; otherwise that grows meanwhile. */
    boolean isReady();

    /**
     * Takes a batch, in the order in which they are to be appended, and answers it sooner or later. One without a record is
     * answered behind those in front of it.
     */
    void append(GatheredBatch batch, long nowMs, long nowNs);

    /** Nothing is appended any more; what it has not answered yet, it answers with this. */
    void close(RuntimeException cause);
}
