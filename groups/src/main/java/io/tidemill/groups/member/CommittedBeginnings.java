package io.tidemill.groups.member;

import io.tidemill.TopicPartition;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Where the group has committed that it has read to. */
final class CommittedBeginnings implements Beginnings {
    private final Commits commits;

    CommittedBeginnings(Commits commits) {
        this.commits = commits;
    }

    @Override
    public Map<TopicPartition, Long> positions(Set<TopicPartition> owned, Set<TopicPartition> added) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        if (!added.isEmpty()) {
            commits.committed(added).forEach((partition, offset) -> positions.put(partition, offset.offset()));
        }
        return positions;
    }
}
