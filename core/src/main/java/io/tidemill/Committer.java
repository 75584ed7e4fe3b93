package io.tidemill;

import java.util.Map;

/** Is told by a {@link RecordLoop} how far its records are handled, to begin there the next time. */
@FunctionalInterface
public interface Committer {
    /** Keeps nothing: for loops that read everything each time. */
    Committer NONE = nextOffsets -> {};

    /**
     * Keeps how far the records are handled. Called on the loop's thread after each poll's records and before it ends; what
     * it throws ends the loop, which tells the same and what comes on top of it the next time it runs.
     *
     * @param nextOffsets of the partitions where that is new, the offset behind the last record that was handled
     */
    void commit(Map<TopicPartition, Long> nextOffsets);
}
