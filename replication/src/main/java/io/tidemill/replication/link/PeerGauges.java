package io.tidemill.replication.link;

import io.tidemill.ClusterMetrics;
import io.tidemill.ClusterMetrics.PeerMetrics;
import io.tidemill.metrics.Counter;
import java.util.concurrent.atomic.AtomicLong;

/** What is told of the way to a peer, over all sessions with it. Written by the thread that polls, read by any. */
final class PeerGauges implements PeerMetrics {
    private final int brokerId;
    private final AtomicLong roundTripNs = new AtomicLong(ClusterMetrics.UNKNOWN_NS);
    private final Counter resentFrames = new Counter();
    private volatile boolean isConnected;

    PeerGauges(int brokerId) {
        this.brokerId = brokerId;
    }

    void onConnected(boolean isNowConnected) {
        isConnected = isNowConnected;
    }

    void onRoundTrip(long smoothedNs) {
        roundTripNs.setRelease(smoothedNs);
    }

    void onResent() {
        resentFrames.addAlone(1);
    }

    @Override
    public int brokerId() {
        return brokerId;
    }

    @Override
    public boolean isConnected() {
        return isConnected;
    }

    @Override
    public long roundTripNs() {
        return roundTripNs.getAcquire();
    }

    @Override
    public long resentFrames() {
        return resentFrames.sumAcquire();
    }
}
