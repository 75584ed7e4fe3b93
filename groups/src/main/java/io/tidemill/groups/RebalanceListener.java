package io.tidemill.groups;

import io.tidemill.TopicPartition;
import java.util.Set;

/**
 * Is told what a member of a group reads from now on, and what no more. Called inside the member's {@code poll} or {@code close}, on
 * its thread; it may use the member, and close it, but neither poll nor subscribe nor unsubscribe. What it throws comes out of that
 * call, after everything else was done.
 */
public interface RebalanceListener {
    /** For those who need not know. */
    RebalanceListener NONE = new RebalanceListener() {};

    /**
     * The member gives these up, and nobody else has them yet: the last moment to commit. Where commits are automatic, that was
     * done already.
     *
     * @param member who
     * @param partitions only those that it gives up
     */
    default void onPartitionsRevoked(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {}

    /**
     * The member has these now, and will read them from where the group has read to; it may seek.
     *
     * @param member who
     * @param partitions only those that are new
     */
    default void onPartitionsAssigned(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {}

    /**
     * The member was found to be none any more: others may read these already, and a commit is refused. Unless it is said
     * otherwise, the same as {@link #onPartitionsRevoked}, as in Kafka.
     *
     * @param member who
     * @param partitions all that it had
     */
    default void onPartitionsLost(ConsumerGroup<?, ?> member, Set<TopicPartition> partitions) {
        onPartitionsRevoked(member, partitions);
    }
}
