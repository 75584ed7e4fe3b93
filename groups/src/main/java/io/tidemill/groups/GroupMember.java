package io.tidemill.groups;

import io.tidemill.TopicPartition;
import java.util.Set;

/**
 * A member of a group, as an {@link Assignor} sees it.
 *
 * @param name unique within the group
 * @param topics those that it wants and that exist
 * @param partitions those that it was to have by the last decision
 */
public record GroupMember(String name, Set<String> topics, Set<TopicPartition> partitions) {
    /** Copies. */
    public GroupMember {
        topics = Set.copyOf(topics);
        partitions = Set.copyOf(partitions);
    }
}
