package io.tidemill.loop;

import io.tidemill.Committer;
import io.tidemill.TopicPartition;
import java.util.HashMap;
import java.util.Map;

/** How far the records are done with, as far as the committer was not told yet. Owned by the thread of the run. */
final class Progress {
    private final Committer committer;
    private final Map<TopicPartition, Long> nextOffsets = new HashMap<>();

    Progress(Committer committer) {
        this.committer = committer;
    }

    void onDone(TopicPartition partition, long offset) {
        nextOffsets.put(partition, offset + 1);
    }

    /** Tells the committer what is new. What it does not take is told again, with what is done with until then. */
    void commit() {
        if (!nextOffsets.isEmpty()) {
            committer.commit(Map.copyOf(nextOffsets));
            nextOffsets.clear();
        }
    }
}
