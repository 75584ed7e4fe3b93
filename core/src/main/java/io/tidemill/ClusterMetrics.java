package io.tidemill;

import java.util.List;

/**
 * How a broker of a cluster does, and what it knows of the cluster. What concerns the cluster is the same at all its brokers, but for what
 * one has not heard of yet, so it is to be watched at one of them, or by its maximum; it must not be summed up over brokers. Sums begin
 * with 0 when the broker takes part for the first time since it was opened. Goes on telling as the broker goes on; stands still when
 * it is closed. Any thread, at any time, without waiting for anybody.
 */
public interface ClusterMetrics {
    /** In place of a broker's id, where there is none. */
    int NOBODY = -1;

    /** A way that was not measured yet. */
    long UNKNOWN_NS = -1;

    /**
     * How far a follower is behind.
     *
     * @param partition which this broker leads
     * @param brokerId who follows
     * @param records that the leader has, and of which it does not know yet that the follower has them
     */
    record FollowerLag(TopicPartition partition, int brokerId, long records) {}

    /** The way to another broker. */
    interface PeerMetrics {
        /**
         * Which broker.
         *
         * @return its number
         */
        int brokerId();

        /**
         * Whether they can speak with each other.
         *
         * @return true while they can
         */
        boolean isConnected();

        /**
         * How long it takes until the other one has said that it has what it was sent, smoothed; with what it takes its time for.
         *
         * @return the last that was measured, or {@link ClusterMetrics#UNKNOWN_NS}
         */
        long roundTripNs();

        /**
         * Frames that had to be sent again.
         *
         * @return how many
         */
        long resentFrames();
    }

    /**
     * This broker.
     *
     * @return its number
     */
    int brokerId();

    // ---- the cluster

    /**
     * Who decides for the cluster.
     *
     * @return a broker's number, or {@link #NOBODY}
     */
    int controllerId();

    /**
     * Rises with each other controller.
     *
     * @return Raft's term
     */
    long controllerEpoch();

    /**
     * How many decisions this broker has heard of.
     *
     * @return never less than before
     */
    long metadataEpoch();

    /**
     * Brokers that may lead and be in sync.
     *
     * @return how many
     */
    int activeBrokers();

    /**
     * Brokers that are known, and may not: they are new, were silent, are about to stop or have stopped.
     *
     * @return how many
     */
    int inactiveBrokers();

    /**
     * Partitions that nobody leads.
     *
     * @return how many
     */
    int offlinePartitions();

    /**
     * Partitions that have a replica that is not in sync.
     *
     * @return how many
     */
    int underReplicatedPartitions();

    /**
     * Times that a partition had another leader, or none.
     *
     * @return how many
     */
    long leaderChanges();

    /**
     * Times that a replica of a partition was not in sync any more.
     *
     * @return how many
     */
    long inSyncShrinks();

    /**
     * Times that a replica of a partition was in sync again.
     *
     * @return how many
     */
    long inSyncExpansions();

    /**
     * Times that another controller was heard of.
     *
     * @return how many
     */
    long controllerChanges();

    // ---- this broker

    /**
     * Whether the cluster counts on this broker.
     *
     * @return true while it may lead and be in sync
     */
    boolean isActive();

    /**
     * Partitions that this broker leads.
     *
     * @return how many
     */
    int ledPartitions();

    /**
     * How far those who follow this broker are behind.
     *
     * @return one for each other replica of each partition that it leads
     */
    List<FollowerLag> followers();

    /**
     * The most that one of {@link #followers} is behind.
     *
     * @return records; 0 where nobody follows
     */
    long followerLagMax();

    /**
     * Records that followers were sent, each as often as it was sent to one of them.
     *
     * @return how many
     */
    long replicatedOutRecords();

    /**
     * What the batches that followers were sent take.
     *
     * @return bytes
     */
    long replicatedOutBytes();

    /**
     * Records that this broker has appended as a follower.
     *
     * @return how many
     */
    long replicatedInRecords();

    /**
     * What the batches take that this broker has appended as a follower.
     *
     * @return bytes
     */
    long replicatedInBytes();

    /**
     * Frames that changed nothing: they were not genuine, damaged, or of no connection that there is.
     *
     * @return how many
     */
    long foreignFrames();

    /**
     * The ways to all other members.
     *
     * @return in the order of their numbers; each goes on telling
     */
    List<PeerMetrics> peers();
}
