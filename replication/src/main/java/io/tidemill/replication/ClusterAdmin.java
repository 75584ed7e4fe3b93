package io.tidemill.replication;

import io.tidemill.Broker;
import io.tidemill.TopicPartition;
import io.tidemill.replication.node.ClusterOperations;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What those want of a cluster who run it. Any broker takes each call, and has the controller decide; when a call returns, it is
 * decided, and this broker knows it. Thread-safe.
 *
 * <p>All calls wait for the controller, up to {@link ClusterSettings#requestTimeout}, and throw {@link
 * io.tidemill.errors.UnansweredException} when it has not answered by then, and may do it or not. A callback must not call.
 */
public final class ClusterAdmin {
    private final ClusterOperations operations;

    private ClusterAdmin(ClusterOperations operations) {
        this.operations = operations;
    }

    /**
     * Of the cluster that a broker belongs to.
     *
     * @param broker one of a cluster
     * @return usable as long as the broker is open
     * @throws IllegalArgumentException when the broker is in no cluster
     */
    public static ClusterAdmin of(Broker broker) {
        return new ClusterAdmin(Cluster.side(broker).operations());
    }

    /**
     * Has other brokers keep a partition, Kafka's {@code alterPartitionReassignments}. They come beside those that keep it; when all
     * of them are in sync, the others go and delete what they have. Those who send and read go on meanwhile. It is done when {@link
     * Cluster#describe} tells of these replicas and no others, all in sync. Takes the place of a move that is under way.
     *
     * @param partition which
     * @param replicas brokers, the preferred leader first
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is none
     * @throws IllegalArgumentException when these cannot be its replicas, or nobody of them would have every committed record
     */
    public void reassign(TopicPartition partition, List<Integer> replicas) {
        operations.reassign(partition, replicas);
    }

    /**
     * Has a partition that moves be kept where it was before. Another one of those may be preferred as its leader then.
     *
     * @param partition which
     * @throws IllegalStateException when it does not move
     */
    public void cancelReassignment(TopicPartition partition) {
        operations.cancelReassignment(partition);
    }

    /**
     * Has every partition be led by its first replica, if that is in sync.
     *
     * @return those whose first replica is not in sync, so that others lead them yet
     */
    public Set<TopicPartition> electPreferredLeaders() {
        return operations.electPreferredLeaders(List.of());
    }

    /**
     * Sets what holds for the whole cluster, at once and until it is set otherwise: Kafka's dynamic defaults of brokers. A topic that says
     * something else has that.
     *
     * @param set values by Kafka's names
     * @param unset names that have their defaults again
     * @throws IllegalArgumentException when there is no such setting, with the name that may be meant, or it cannot have that value;
     *     then nothing is set
     */
    public void alterSettings(Map<String, String> set, Set<String> unset) {
        operations.alterSettings(set, unset);
    }

    /**
     * What was set for the whole cluster.
     *
     * @return values by Kafka's names, without those that have their defaults
     */
    public Map<String, String> settings() {
        return operations.settings();
    }

    /**
     * Forgets a broker that will not come back. Should it come all the same, it is one like any other.
     *
     * @param brokerId of one that is fenced and keeps nothing: reassign its partitions first
     * @throws IllegalArgumentException when it is there, or keeps something
     */
    public void removeBroker(int brokerId) {
        operations.removeBroker(brokerId);
    }
}
