package io.tidemill.groups;

import io.tidemill.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a group is like.
 *
 * @param group its name
 * @param state see there
 * @param epoch how often it was rebalanced
 * @param members in the order of their names; static ones that are expected back, too
 * @param progress of each partition that a member wants, or of which is known how far it is read
 */
public record GroupDescription(
        String group,
        State state,
        int epoch,
        List<MemberDescription> members,
        Map<TopicPartition, PartitionProgress> progress) {
    /** Copies. */
    public GroupDescription {
        members = List.copyOf(members);
        progress = Map.copyOf(progress);
    }

    /** Kafka's states of a group. */
    public enum State {
        /** Nobody is in it. */
        EMPTY,
        /** Somebody has still to give up or to get something. */
        RECONCILING,
        /** Everybody has what it is to have. */
        STABLE
    }

    /**
     * A member.
     *
     * @param memberId its name
     * @param instanceId of a static one; null for others
     * @param isAway whether it was closed and is expected back
     * @param topics that it wants, whether they exist or not
     * @param assigned what it reads
     * @param target what it is to read
     */
    public record MemberDescription(
            String memberId,
            @Nullable String instanceId,
            boolean isAway,
            Set<String> topics,
            Set<TopicPartition> assigned,
            Set<TopicPartition> target) {
        /** Copies. */
        public MemberDescription {
            topics = Set.copyOf(topics);
            assigned = Set.copyOf(assigned);
            target = Set.copyOf(target);
        }
    }

    /**
     * How far a partition is read.
     *
     * @param committed by a member, or by a reset; null where nobody has
     * @param memberId of who reads it; null for nobody
     * @param startOffset of the first record that can be read
     * @param endOffset exclusive: of the next record that can be read, once it is there
     */
    public record PartitionProgress(
            @Nullable OffsetAndMetadata committed, @Nullable String memberId, long startOffset, long endOffset) {
        /**
         * How far the group is behind.
         *
         * @return the end less what was committed, or all that there is where nothing was
         */
        public long lag() {
            return endOffset - (committed == null ? startOffset : committed.offset());
        }
    }

    /**
     * How far the group is behind.
     *
     * @return of all partitions together
     */
    public long lag() {
        return progress.values().stream().mapToLong(PartitionProgress::lag).sum();
    }
}
