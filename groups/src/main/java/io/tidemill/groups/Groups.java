package io.tidemill.groups;

import io.tidemill.Broker;
import io.tidemill.TopicPartition;
import io.tidemill.groups.local.LocalGroups;
import java.util.Map;
import java.util.Set;

/** The consumer groups of a broker, seen from outside. Thread-safe; nothing to close. */
public interface Groups {
    /**
     * Those of a broker.
     *
     * @param broker one that is opened to read only can be looked at
     * @return cheap to make
     */
    static Groups of(Broker broker) {
        return LocalGroups.of(broker);
    }

    /**
     * The names of all groups that have members, or of which is known how far they have read.
     *
     * @return a copy
     */
    Set<String> names();

    /**
     * What a group is like now.
     *
     * @param group its name
     * @return a copy
     * @throws io.tidemill.errors.GroupIdNotFoundException when there is no such group
     */
    GroupDescription describe(String group);

    /**
     * Lets a group without members go on somewhere else.
     *
     * @param group its name; one that does not exist comes to be
     * @param partitions of which
     * @param place where; what lies outside a partition is its nearest end
     * @return the offset of the next record to read of each
     * @throws io.tidemill.errors.GroupNotEmptyException when it has members, also one that is expected back
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition; then nothing changes
     */
    Map<TopicPartition, Long> reset(String group, Set<TopicPartition> partitions, OffsetPlace place);

    /**
     * What {@link #reset} would answer, and changes nothing.
     *
     * @param group its name
     * @param partitions of which
     * @param place where
     * @return the offset of the next record to read of each
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition
     */
    Map<TopicPartition, Long> previewReset(String group, Set<TopicPartition> partitions, OffsetPlace place);

    /**
     * Forgets a group that has no members, and how far it has read.
     *
     * @param group its name
     * @throws io.tidemill.errors.GroupIdNotFoundException when there is no such group
     * @throws io.tidemill.errors.GroupNotEmptyException when it has members, also one that is expected back
     */
    void delete(String group);

    /**
     * Forgets how far a group has read some partitions.
     *
     * @param group its name
     * @param partitions of topics that no member wants
     * @throws io.tidemill.errors.GroupIdNotFoundException when there is no such group
     * @throws io.tidemill.errors.GroupNotEmptyException when a member wants one of their topics
     */
    void deleteOffsets(String group, Set<TopicPartition> partitions);
}
