package io.tidemill.replication.replica;

import io.tidemill.batch.BatchLayout;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Answers those who send records to a partition that this broker does not know: not yet, or not any more. Who follows or reads asks again
 * by itself; who sends waits for an answer.
 *
 * <p>Owned by the lane thread.
 */
final class UnknownPartitions {
    private final PeerLinks links;
    private final UnsafeBuffer batch = new UnsafeBuffer(0, 0);
    private final AppendReplies replies = new AppendReplies();

    UnknownPartitions(PeerLinks links) {
        this.links = links;
    }

    void onMessage(int fromId, DirectBuffer buffer, int message, int length) {
        int body = message + ReplicaMessageLayout.HEADER_LENGTH;
        int bodyLength = length - ReplicaMessageLayout.HEADER_LENGTH;
        if (ReplicaMessageLayout.kind(buffer, message) == ReplicaMessageLayout.APPEND
                && BatchLayout.isPlausible(buffer, body, bodyLength)) {
            batch.wrap(buffer, body, bodyLength);
            replies.add(
                    new ReplicaSender(ReplicaMessageLayout.partition(buffer, message), links),
                    fromId,
                    ReplicaMessageLayout.leaderEpoch(buffer, message),
                    Leading.answer(batch, AppendCode.NOT_LEADER, 0, 0));
        }
    }

    /** As {@link AppendReplies#send}. */
    int send() {
        return replies.send();
    }

    void onDisconnected(int brokerId) {
        replies.onDisconnected(brokerId);
    }
}
