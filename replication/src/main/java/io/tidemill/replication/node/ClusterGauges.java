package io.tidemill.replication.node;

import io.tidemill.ClusterMetrics;
import io.tidemill.metrics.Counter;
import io.tidemill.replication.replica.ReplicaGauges;
import java.util.List;
import java.util.function.LongSupplier;

/** What a broker tells of its cluster. Written by the lane thread, read by any. */
final class ClusterGauges implements ClusterMetrics {
    /**
     * What is known of the cluster at one moment.
     *
     * @param isActive whether this broker is
     * @param led partitions that this broker leads
     */
    record Known(
            int controllerId,
            long controllerEpoch,
            long metadataEpoch,
            int activeBrokers,
            int inactiveBrokers,
            boolean isActive,
            int offline,
            int underReplicated,
            int led) {}

    private static final Known NOTHING = new Known(NOBODY, 0, 0, 0, 0, false, 0, 0, 0);

    private final int brokerId;
    private final ReplicaGauges replicas;
    private final List<PeerMetrics> peers;
    private final LongSupplier foreignFrames;
    private final Counter leaderChanges = new Counter();
    private final Counter inSyncShrinks = new Counter();
    private final Counter inSyncExpansions = new Counter();
    private final Counter controllerChanges = new Counter();
    private volatile Known known = NOTHING;

    /** @param foreignFrames asked by any thread */
    ClusterGauges(int brokerId, ReplicaGauges replicas, List<PeerMetrics> peers, LongSupplier foreignFrames) {
        this.brokerId = brokerId;
        this.replicas = replicas;
        this.peers = List.copyOf(peers);
        this.foreignFrames = foreignFrames;
    }

    void onKnown(Known nowKnown) {
        known = nowKnown;
    }

    void onLeaderChange() {
        leaderChanges.addAlone(1);
    }

    void onInSyncChange(boolean isShrunk, boolean isExpanded) {
        inSyncShrinks.addAlone(isShrunk ? 1 : 0);
        inSyncExpansions.addAlone(isExpanded ? 1 : 0);
    }

    void onControllerChange() {
        controllerChanges.addAlone(1);
    }

    @Override
    public int brokerId() {
        return brokerId;
    }

    @Override
    public int controllerId() {
        return known.controllerId();
    }

    @Override
    public long controllerEpoch() {
        return known.controllerEpoch();
    }

    @Override
    public long metadataEpoch() {
        return known.metadataEpoch();
    }

    @Override
    public int activeBrokers() {
        return known.activeBrokers();
    }

    @Override
    public int inactiveBrokers() {
        return known.inactiveBrokers();
    }

    @Override
    public int offlinePartitions() {
        return known.offline();
    }

    @Override
    public int underReplicatedPartitions() {
        return known.underReplicated();
    }

    @Override
    public long leaderChanges() {
        return leaderChanges.sumAcquire();
    }

    @Override
    public long inSyncShrinks() {
        return inSyncShrinks.sumAcquire();
    }

    @Override
    public long inSyncExpansions() {
        return inSyncExpansions.sumAcquire();
    }

    @Override
    public long controllerChanges() {
        return controllerChanges.sumAcquire();
    }

    @Override
    public boolean isActive() {
        return known.isActive();
    }

    @Override
    public int ledPartitions() {
        return known.led();
    }

    @Override
    public List<FollowerLag> followers() {
        return replicas.followers();
    }

    @Override
    public long followerLagMax() {
        return followers().stream().mapToLong(FollowerLag::records).max().orElse(0);
    }

    @Override
    public long replicatedOutRecords() {
        return replicas.sentRecords();
    }

    @Override
    public long replicatedOutBytes() {
        return replicas.sentBytes();
    }

    @Override
    public long replicatedInRecords() {
        return replicas.followedRecords();
    }

    @Override
    public long replicatedInBytes() {
        return replicas.followedBytes();
    }

    @Override
    public long foreignFrames() {
        return foreignFrames.getAsLong();
    }

    @Override
    public List<PeerMetrics> peers() {
        return peers;
    }
}
