package io.tidemill.groups;

import io.tidemill.TopicPartition;
import io.tidemill.groups.assignor.RangeAssignor;
import io.tidemill.groups.assignor.UniformAssignor;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides which member of a group gets which partitions. It is asked whenever members come or go or want other topics, and when
 * topics come, grow or go. The coordinator calls it and waits for it, so it decides by what it is given and by nothing else.
 */
@FunctionalInterface
public interface Assignor {
    /**
     * Everybody as many as the next one, or one more; and as few as possible go from one member to another.
     *
     * @return the default
     */
    static Assignor uniform() {
        return UniformAssignor.INSTANCE;
    }

    /**
     * Of each topic, neighbouring partitions to each member, in the order of the members' names. Partitions of one number, of
     * topics that are equally large and have the same readers, go to one member.
     *
     * @return as Kafka's range assignor
     */
    static Assignor range() {
        return RangeAssignor.INSTANCE;
    }

    /**
     * Decides.
     *
     * @param members who is there, by their names in ascending order
     * @param partitions how many partitions each topic has that somebody wants
     * @return the partitions of each member by its name; one who gets none may be left out. A partition goes to one member at
     *     most, and only to one that wants its topic
     */
    Map<String, Set<TopicPartition>> assign(List<GroupMember> members, Map<String, Integer> partitions);
}
