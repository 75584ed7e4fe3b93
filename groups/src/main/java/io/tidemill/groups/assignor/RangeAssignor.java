package io.tidemill.groups.assignor;

import io.tidemill.TopicPartition;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.GroupMember;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Neighbours of each topic to each member. */
public final class RangeAssignor implements Assignor {
    public static final RangeAssignor INSTANCE = new RangeAssignor();

    private RangeAssignor() {}

    @Override
    public Map<String, Set<TopicPartition>> assign(List<GroupMember> members, Map<String, Integer> partitions) {
        Map<String, Set<TopicPartition>> assigned = new HashMap<>();
        partitions.forEach((topic, count) -> {
            List<GroupMember> readers = members.stream()
                    .filter(member -> member.topics().contains(topic))
                    .toList();
            int first = 0;
            for (int i = 0; i < readers.size(); i++) {
                int end = first + count / readers.size() + (i < count % readers.size() ? 1 : 0);
                Set<TopicPartition> share =
                        assigned.computeIfAbsent(readers.get(i).name(), name -> new HashSet<>());
                for (int partition = first; partition < end; partition++) {
                    share.add(new TopicPartition(topic, partition));
                }
                first = end;
            }
        });
        return assigned;
    }
}
