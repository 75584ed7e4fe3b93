package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import java.util.Map;

/** Something that happened to a group. Each one replaces the one before it about the same thing, so they can be compacted. */
public sealed interface GroupEvent {
    /**
     * The members and the topics are others than before, and so is what each member is to have.
     *
     * @param epoch how often that was so
     * @param partitions how many partitions each topic has that some member wants
     * @param timeMs when
     */
    record Rebalanced(int epoch, Map<String, Integer> partitions, long timeMs) implements GroupEvent {
        public Rebalanced {
            partitions = Map.copyOf(partitions);
        }
    }

    /** A member came, or something about it changed. */
    record MemberChanged(Member member) implements GroupEvent {}

    /** A member is none any more. */
    record MemberGone(String memberId) implements GroupEvent {}

    /** A member has read so far. */
    record Committed(TopicPartition partition, CommittedOffset committed) implements GroupEvent {}

    /** How far a partition is read is known no more. */
    record Forgotten(TopicPartition partition) implements GroupEvent {}

    /** A broker has made certain that it knows all that is written; of no group. */
    record Looked(int brokerId) implements GroupEvent {}

    /** There is no such group any more. What it knew was forgotten before. */
    record Dissolved() implements GroupEvent {}
}
