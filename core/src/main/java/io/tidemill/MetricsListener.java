package io.tidemill;

import java.util.List;

/**
 * Is told what a broker does, once per batch or poll, and never per record. It is called by whoever does the work, among
 * them the lanes: what it does there, all producers and consumers wait for. It must be fast, must be fit to be called by
 * several threads, and must not call the broker. Where there is none, no clock is read for it.
 *
 * <p>What it throws stops nobody; but it is logged, and then the listener is not called any more.
 *
 * <p>Among the topics is the broker's own, {@code __cluster_metadata}. What is known at any time without a listener is in
 * {@link Broker#metrics}. Given to a broker by {@link io.tidemill.spi.Seams#withMetricsListener}.
 */
public interface MetricsListener {
    /**
     * The broker is being opened, and has this lane. Before everything that concerns it.
     *
     * @param lane goes on telling
     */
    default void onLaneOpened(LaneMetrics lane) {}

    /**
     * A partition is there: it was found when the broker was opened, or was created. Before everything that concerns it.
     *
     * @param partition goes on telling
     */
    default void onPartitionOpened(PartitionMetrics partition) {}

    /**
     * A partition's topic was deleted. What was under way in that moment may still be told.
     *
     * @param topic its name
     * @param partition from 0
     */
    default void onPartitionRemoved(String topic, int partition) {}

    /**
     * A batch was appended. By the lane, before the batch can be read.
     *
     * @param topic its name
     * @param partition from 0
     * @param records how many
     * @param bytes what the batch takes as it is stored, its header included
     * @param tookNs without a flush, and without what it waited for before
     */
    default void onAppend(String topic, int partition, int records, int bytes, long tookNs) {}

    /**
     * A partition was flushed. By the lane.
     *
     * @param topic its name
     * @param partition from 0
     * @param tookNs the flush alone
     */
    default void onFlush(String topic, int partition, long tookNs) {}

    /**
     * A file was full or old, and another one begun. By the lane; never for a storage in memory.
     *
     * @param topic its name
     * @param partition from 0
     * @param bytes what the file holds
     */
    default void onRoll(String topic, int partition, long bytes) {}

    /**
     * Retention, or a budget that was used up, has deleted what was oldest. By a lane.
     *
     * @param topic its name
     * @param partition from 0
     * @param startOffset of what is left
     * @param bytes what was deleted
     */
    default void onDelete(String topic, int partition, long startOffset, long bytes) {}

    /**
     * Records that were accepted were then refused: the log would not take them, or not flush them. By the lane.
     *
     * @param topic its name
     * @param partition from 0
     * @param records how many
     */
    default void onFail(String topic, int partition, int records) {}

    /**
     * A send of the friendly tier had to wait for room in the ring. By the sending thread; the raw tier never waits, and is
     * not told of here.
     *
     * @param topic its name
     * @param partition from 0
     * @param waitedNs how long
     * @param isRefused whether that was in vain, and the record was refused
     */
    default void onBlock(String topic, int partition, long waitedNs, boolean isRefused) {}

    /**
     * Records of one batch were handed to a consumer. By the consumer's thread.
     *
     * @param topic its name
     * @param partition from 0
     * @param records how many
     * @param bytes what the records take, uncompressed and without the batch's header
     */
    default void onRead(String topic, int partition, int records, int bytes) {}

    /**
     * A consumer group was rebalanced: its members, or the topics that they want, are others than before. By the thread of a member
     * or of whoever looked at the group.
     *
     * @param group its name
     * @param epoch how often that was so
     * @param members how many there are now
     * @param partitions how many they share
     */
    default void onRebalance(String group, int epoch, int members, int partitions) {}

    /**
     * The broker is being opened, and is one of a cluster. Before everything that concerns that.
     *
     * @param cluster goes on telling
     */
    default void onClusterOpened(ClusterMetrics cluster) {}

    /**
     * A partition has another leader, or none. Every broker of a cluster is told of every partition; what was so before it took part, it
     * is not told. By the lane.
     *
     * @param topic its name
     * @param partition from 0
     * @param leaderId who leads, or {@link ClusterMetrics#NOBODY}
     * @param leaderEpoch rises with each of them
     */
    default void onLeaderChange(String topic, int partition, int leaderId, int leaderEpoch) {}

    /**
     * Other replicas of a partition are in sync than before. As {@link #onLeaderChange}.
     *
     * @param topic its name
     * @param partition from 0
     * @param before those that were
     * @param inSync those that are now
     */
    default void onInSyncChange(String topic, int partition, List<Integer> before, List<Integer> inSync) {}

    /**
     * The cluster counts on a broker from now on, or not any more: it was silent for too long, or stops. As {@link #onLeaderChange}.
     *
     * @param brokerId which
     * @param isActive whether it may lead and be in sync
     */
    default void onBrokerChange(int brokerId, boolean isActive) {}

    /**
     * This broker has heard of another controller than before. By the lane.
     *
     * @param controllerId who decides for the cluster
     * @param controllerEpoch rises with each of them
     */
    default void onControllerChange(int controllerId, long controllerEpoch) {}

    /**
     * This broker can speak with another one from now on, or not any more. By the lane.
     *
     * @param brokerId the other one
     * @param isConnected whether it can
     */
    default void onPeerChange(int brokerId, boolean isConnected) {}
}
