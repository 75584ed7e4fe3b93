package io.tidemill.replication.replica;

import io.tidemill.ClusterMetrics.FollowerLag;
import io.tidemill.metrics.Counter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the replicas of a broker tell of themselves. Written by the lane thread, read by any. */
public final class ReplicaGauges {
    private final Counter sentRecords = new Counter();
    private final Counter sentBytes = new Counter();
    private final Counter followedRecords = new Counter();
    private final Counter followedBytes = new Counter();
    private final Set<LagGauge> lags = ConcurrentHashMap.newKeySet();

    void onLeading(LagGauge lag) {
        lags.add(lag);
    }

    void onLeadingEnds(LagGauge lag) {
        lags.remove(lag);
    }

    /** A batch is on its way to one follower. */
    void onSent(int records, int bytes) {
        sentRecords.addAlone(records);
        sentBytes.addAlone(bytes);
    }

    /** A batch of a leader was appended. */
    void onFollowed(int records, int bytes) {
        followedRecords.addAlone(records);
        followedBytes.addAlone(bytes);
    }

    /** By topic, partition and broker. */
    public List<FollowerLag> followers() {
        List<FollowerLag> followers = new ArrayList<>();
        lags.forEach(lag -> lag.addTo(followers));
        followers.sort(Comparator.comparing((FollowerLag one) -> one.partition().topic())
                .thenComparing(one -> one.partition().partition())
                .thenComparing(FollowerLag::brokerId));
        return followers;
    }

    public long sentRecords() {
        return sentRecords.sumAcquire();
    }

    public long sentBytes() {
        return sentBytes.sumAcquire();
    }

    public long followedRecords() {
        return followedRecords.sumAcquire();
    }

    public long followedBytes() {
        return followedBytes.sumAcquire();
    }
}
