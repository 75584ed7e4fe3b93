package io.tidemill.groups;

import io.tidemill.Broker;
import io.tidemill.TopicPartition;
import io.tidemill.groups.local.LocalShareGroups;
import java.util.Map;
import java.util.Set;

/**
 * The share groups of a broker, seen from outside; {@link Groups} has the consumer groups. Thread-safe; nothing to close.
 *
 * <p>Members are those whose handles are open and whose threads live.
 */
public interface ShareGroups {
    /**
     * Those of a broker.
     *
     * @param broker one that is opened to read only can be looked at
     * @return cheap to make
     */
    static ShareGroups of(Broker broker) {
        return LocalShareGroups.of(broker);
    }

    /**
     * The names of all groups that have members, or have ever given out records of a topic that there is. No group is forgotten by
     * itself.
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
    ShareGroupDescription describe(String group);

    /**
     * Lets a group without members go on somewhere else: from there on all is given out, as if for the first time.
     *
     * @param group its name; one that does not exist comes to be
     * @param partitions of which
     * @param place where; what lies outside a partition is its nearest end
     * @return the offset of the next record to give out of each
     * @throws io.tidemill.errors.GroupNotEmptyException when it has members
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such partition; then nothing changes
     */
    Map<TopicPartition, Long> reset(String group, Set<TopicPartition> partitions, OffsetPlace place);

    /**
     * Forgets a group that has no members, and all that it has given out.
     *
     * @param group its name
     * @throws io.tidemill.errors.GroupIdNotFoundException when there is no such group
     * @throws io.tidemill.errors.GroupNotEmptyException when it has members
     */
    void delete(String group);
}
