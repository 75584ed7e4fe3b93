package io.tidemill.ring;

/**
 * Is told what became of a run of records that went through the ring. Called by the lane thread, exactly once per run
 * or once for several that follow each other, and must neither block nor throw.
 */
public interface RunSink {
    /** Of {@link #expectedOffset}: any will do. */
    long ANY_OFFSET = -1;

    /** Whether nobody needs the sink any more once its run was answered, so that the ring must not hold on to it. */
    boolean isForOneRun();

    /** The offset that the run's first record must get, or none of the run is appended; otherwise it is a batch of its own. */
    default long expectedOffset() {
        return ANY_OFFSET;
    }

    /** Whether it wants to hear of it when all replicas in sync have the run, and not as soon as the leader has it. */
    default boolean awaitsReplicas() {
        return true;
    }

    /**
     * The run was appended; or those runs, of which this is the sum. It can be read, or will be when all replicas in sync have it,
     * if {@link #awaitsReplicas} did not ask for that.
     */
    void onAppended(long baseOffset, int recordCount, long appendTimeMs);

    /** Nothing of the run, or of those runs, was appended. */
    void onFailed(int recordCount, RuntimeException cause);
}
