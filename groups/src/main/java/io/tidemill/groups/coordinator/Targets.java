package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import io.tidemill.groups.GroupMember;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What an assignor decided. */
final class Targets {
    private Targets() {}

    /**
     * Somebody else's code decided it.
     *
     * @throws IllegalArgumentException when it cannot be
     */
    static void check(
            Map<String, Set<TopicPartition>> targets, List<GroupMember> members, Map<String, Integer> partitions) {
        Map<String, GroupMember> byName = new HashMap<>();
        members.forEach(member -> byName.put(member.name(), member));
        Map<TopicPartition, String> owners = new HashMap<>();
        targets.forEach((name, target) -> {
            GroupMember member = byName.get(name);
            if (member == null) {
                throw new IllegalArgumentException("assignor named a member that is none: member=" + name);
            }
            for (TopicPartition partition : target) {
                checkWanted(member, partition, partitions);
                String other = owners.put(partition, name);
                if (other != null) {
                    throw new IllegalArgumentException("assignor gave a partition to two members: partition="
                            + partition + ", members=" + other + " and " + name);
                }
            }
        });
    }

    private static void checkWanted(GroupMember member, TopicPartition partition, Map<String, Integer> partitions) {
        boolean exists = partition.partition() < partitions.getOrDefault(partition.topic(), 0);
        if (!exists || !member.topics().contains(partition.topic())) {
            throw new IllegalArgumentException("assignor gave a partition that "
                    + (exists ? "the member does not want" : "is none") + ": partition=" + partition + ", member="
                    + member.name());
        }
    }
}
