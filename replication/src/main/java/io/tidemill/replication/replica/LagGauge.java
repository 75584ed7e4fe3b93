package io.tidemill.replication.replica;

import io.tidemill.ClusterMetrics.FollowerLag;
import io.tidemill.TopicPartition;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** How far those are who follow one leader. Written by the lane thread, read by any. */
final class LagGauge {
    private final TopicPartition partition;
    private final long startOffset;
    private final AtomicLong endOffset;
    private final List<FollowerProgress> followers = new CopyOnWriteArrayList<>();

    LagGauge(TopicPartition partition, long startOffset, long endOffset) {
        this.partition = partition;
        this.startOffset = startOffset;
        this.endOffset = new AtomicLong(endOffset);
    }

    void add(FollowerProgress follower) {
        followers.add(follower);
    }

    void remove(FollowerProgress follower) {
        followers.remove(follower);
    }

    void endOffsetRelease(long offset) {
        endOffset.setRelease(offset);
    }

    /** Who was not heard of yet lacks everything. */
    void addTo(List<FollowerLag> lags) {
        for (FollowerProgress follower : followers) {
            long acked = Math.max(startOffset, follower.ackedAcquire());
            long records = Math.max(0, endOffset.getAcquire() - acked);
            lags.add(new FollowerLag(partition, follower.brokerId(), records));
        }
    }
}
