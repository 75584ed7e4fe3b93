package io.tidemill.replication;

import io.tidemill.TopicPartition;
import java.util.List;

/**
 * A cluster as one of its brokers knows it; another one may know more by now.
 *
 * @param controllerId the broker that decides for the cluster, or {@link #NOBODY}
 * @param metadataEpoch how many decisions this broker has heard of
 * @param brokers all of them, in the order of their ids
 * @param partitions all of them, topic by topic
 */
public record ClusterDescription(
        int controllerId, long metadataEpoch, List<BrokerState> brokers, List<PartitionReplicas> partitions) {
    /** In place of a broker's id, where there is none. */
    public static final int NOBODY = -1;

    /** Copies. */
    public ClusterDescription {
        brokers = List.copyOf(brokers);
        partitions = List.copyOf(partitions);
    }

    /** What the cluster thinks of a broker. */
    public enum Liveness {
        /** It may lead and be in sync. */
        ACTIVE,
        /** It is about to stop, and leads nothing any more. */
        STOPPING,
        /** It is new, was silent for too long, or has stopped. */
        FENCED
    }

    /**
     * A broker.
     *
     * @param id its number
     * @param address where it is reached
     * @param rack what it shares a fate with others by, or empty
     * @param startedMs since when it lives, by its own clock, in milliseconds since the epoch
     * @param liveness what the cluster thinks of it
     * @param epoch the metadata epoch in which it registered
     * @param leads how many partitions it leads
     * @param follows how many partitions it keeps and does not lead
     */
    public record BrokerState(
            int id,
            String address,
            String rack,
            long startedMs,
            Liveness liveness,
            long epoch,
            int leads,
            int follows) {}

    /**
     * Who keeps a partition.
     *
     * @param partition which
     * @param leader who leads it, or {@link #NOBODY}: then it is offline
     * @param leaderEpoch rises with each other leader
     * @param replicas who keeps it; the first is preferred as its leader
     * @param inSync those that have everything that is committed
     */
    public record PartitionReplicas(
            TopicPartition partition, int leader, int leaderEpoch, List<Integer> replicas, List<Integer> inSync) {
        /** Copies. */
        public PartitionReplicas {
            replicas = List.copyOf(replicas);
            inSync = List.copyOf(inSync);
        }

        /**
         * Whether a replica is not in sync.
         *
         * @return true as long as one is missing
         */
        public boolean isUnderReplicated() {
            return inSync.size() < replicas.size();
        }
    }

    /**
     * Partitions that nobody leads.
     *
     * @return those of {@link #partitions}
     */
    public List<PartitionReplicas> offline() {
        return partitions.stream().filter(one -> one.leader() == NOBODY).toList();
    }

    /**
     * Partitions that a replica is missing of.
     *
     * @return those of {@link #partitions}
     */
    public List<PartitionReplicas> underReplicated() {
        return partitions.stream().filter(PartitionReplicas::isUnderReplicated).toList();
    }
}
