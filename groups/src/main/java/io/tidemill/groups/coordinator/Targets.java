package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.GroupMember;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What members are to have. Somebody else's code decides it; where that throws, or decides what cannot be, it is done uniformly. */
final class Targets {
    private Assignor assignor;
    private @Nullable RuntimeException failure;

    Targets(Assignor assignor) {
        this.assignor = assignor;
    }

    void decideBy(Assignor newAssignor) {
        assignor = newAssignor;
    }

    Assignor assignor() {
        return assignor;
    }

    /** Why the last decision is not the assignor's; null if it is. */
    @Nullable
    RuntimeException failure() {
        return failure;
    }

    /** By the names of members, in whose order they come. */
    Map<String, Set<TopicPartition>> decide(Collection<Member> members, Map<String, Integer> partitions) {
        List<GroupMember> seen = new ArrayList<>();
        for (Member member : members) {
            seen.add(new GroupMember(member.id(), existing(member.topics(), partitions), member.target()));
        }
        try {
            Map<String, Set<TopicPartition>> targets = assignor.assign(seen, partitions);
            check(targets, seen, partitions);
            failure = null;
            return targets;
        } catch (RuntimeException e) {
            failure = e;
            return Assignor.uniform().assign(seen, partitions);
        }
    }

    private static Set<String> existing(Set<String> topics, Map<String, Integer> partitions) {
        if (partitions.keySet().containsAll(topics)) {
            return topics;
        }
        Set<String> existing = new HashSet<>(topics);
        existing.retainAll(partitions.keySet());
        return existing;
    }

    private static void check(
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
        boolean exists =
                partition.partition() >= 0 && partition.partition() < partitions.getOrDefault(partition.topic(), 0);
        if (!exists || !member.topics().contains(partition.topic())) {
            throw new IllegalArgumentException("assignor gave a partition that "
                    + (exists ? "the member does not want" : "is none") + ": partition=" + partition + ", member="
                    + member.name());
        }
    }
}
