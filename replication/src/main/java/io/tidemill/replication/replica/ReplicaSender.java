package io.tidemill.replication.replica;

import static io.tidemill.replication.replica.ReplicaMessageLayout.HEADER_LENGTH;

import io.tidemill.replication.controller.PartitionId;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Says what one partition has to say to other brokers. Each answers whether it was sent. Owned by the lane thread. */
final class ReplicaSender {
    private static final DirectBuffer NOTHING = new UnsafeBuffer(new byte[0]);

    private final PartitionId partition;
    private final PeerLinks links;
    private long attempts;
    private final UnsafeBuffer head = new UnsafeBuffer(new byte[HEADER_LENGTH]);

    ReplicaSender(PartitionId partition, PeerLinks links) {
        this.partition = partition;
        this.links = links;
    }

    boolean isConnected(int brokerId) {
        return links.isConnected(brokerId);
    }

    /** Of an asking that can be told from those before. */
    long newAttempt() {
        return ++attempts;
    }

    boolean follow(int leaderId, int leaderEpoch, long attempt, int lastEpoch, long endOffset, long brokerEpoch) {
        put(ReplicaMessageLayout.FOLLOW, 0, leaderEpoch, lastEpoch, endOffset, brokerEpoch);
        ReplicaMessageLayout.putAttempt(head, attempt);
        return send(leaderId);
    }

    boolean diverged(int followerId, int leaderEpoch, long attempt, int epoch, long endOffset) {
        put(ReplicaMessageLayout.DIVERGED, 0, leaderEpoch, epoch, endOffset, 0);
        ReplicaMessageLayout.putAttempt(head, attempt);
        return send(followerId);
    }

    boolean begin(int followerId, int leaderEpoch, long attempt, long startOffset) {
        put(ReplicaMessageLayout.BEGIN, 0, leaderEpoch, 0, startOffset, 0);
        ReplicaMessageLayout.putAttempt(head, attempt);
        return send(followerId);
    }

    boolean batches(
            FollowerProgress follower,
            int leaderEpoch,
            long highWatermark,
            long committedMax,
            DirectBuffer batches,
            int index,
            int length) {
        put(ReplicaMessageLayout.BATCHES, 0, leaderEpoch, 0, highWatermark, committedMax);
        ReplicaMessageLayout.putAttempt(head, follower.attempt());
        return links.send(follower.brokerId(), head, HEADER_LENGTH, batches, index, length);
    }

    boolean highWatermark(FollowerProgress follower, int leaderEpoch, long highWatermark, long committedMax) {
        return batches(follower, leaderEpoch, highWatermark, committedMax, NOTHING, 0, 0);
    }

    boolean ack(int leaderId, int leaderEpoch, long endOffset) {
        put(ReplicaMessageLayout.ACK, 0, leaderEpoch, 0, endOffset, 0);
        return send(leaderId);
    }

    boolean append(int leaderId, int leaderEpoch, boolean awaitsCommit, long expectedOffset, DirectBuffer batch) {
        int code = awaitsCommit ? ReplicaMessageLayout.WHEN_COMMITTED : ReplicaMessageLayout.WHEN_APPENDED;
        put(ReplicaMessageLayout.APPEND, code, leaderEpoch, 0, expectedOffset, 0);
        return links.send(leaderId, head, HEADER_LENGTH, batch, 0, batch.capacity());
    }

    boolean appended(int brokerId, int leaderEpoch, AppendAnswer answer) {
        put(
                ReplicaMessageLayout.APPENDED,
                answer.code().ordinal(),
                leaderEpoch,
                answer.baseSequence(),
                answer.baseOffset(),
                answer.detail());
        ReplicaMessageLayout.putProducer(head, answer.producerId(), answer.producerEpoch());
        return send(brokerId);
    }

    boolean watch(int leaderId, int leaderEpoch) {
        put(ReplicaMessageLayout.WATCH, 0, leaderEpoch, 0, 0, 0);
        return send(leaderId);
    }

    boolean unwatch(int leaderId, int leaderEpoch) {
        put(ReplicaMessageLayout.UNWATCH, 0, leaderEpoch, 0, 0, 0);
        return send(leaderId);
    }

    boolean bounds(
            int readerId, int leaderEpoch, boolean isCaughtUp, long startOffset, long highWatermark, long endOffset) {
        int code = isCaughtUp ? ReplicaMessageLayout.CAUGHT_UP : ReplicaMessageLayout.NOT_CAUGHT_UP;
        put(ReplicaMessageLayout.BOUNDS, code, leaderEpoch, 0, highWatermark, startOffset);
        ReplicaMessageLayout.putEnd(head, endOffset);
        return send(readerId);
    }

    boolean fetch(int leaderId, int leaderEpoch, long number, long offset) {
        put(ReplicaMessageLayout.FETCH, 0, leaderEpoch, 0, offset, 0);
        ReplicaMessageLayout.putAttempt(head, number);
        return send(leaderId);
    }

    boolean fetched(
            int readerId, int leaderEpoch, long number, boolean isRead, DirectBuffer batches, int batchesLength) {
        int code = isRead ? ReplicaMessageLayout.READ : ReplicaMessageLayout.NOT_READ;
        put(ReplicaMessageLayout.FETCHED, code, leaderEpoch, 0, 0, 0);
        ReplicaMessageLayout.putAttempt(head, number);
        return links.send(readerId, head, HEADER_LENGTH, batches, 0, batchesLength);
    }

    private void put(byte kind, int code, int leaderEpoch, int number, long offset, long detail) {
        ReplicaMessageLayout.put(head, kind, code, partition, leaderEpoch, number, offset, detail);
    }

    private boolean send(int brokerId) {
        return links.send(brokerId, head, HEADER_LENGTH, NOTHING, 0, 0);
    }
}
