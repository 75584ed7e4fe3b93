package io.tidemill.replication.replica;

import io.tidemill.batch.BatchLayout;
import io.tidemill.replication.controller.PartitionId;
import java.util.ArrayDeque;
import java.util.Deque;
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
    /** As long as there is no room for them. */
    private final Deque<Refusal> refusals = new ArrayDeque<>();

    private record Refusal(int brokerId, PartitionId id, int leaderEpoch, AppendAnswer answer) {}

    UnknownPartitions(PeerLinks links) {
        this.links = links;
    }

    void onMessage(int fromId, DirectBuffer buffer, int message, int length) {
        int body = message + ReplicaMessageLayout.HEADER_LENGTH;
        int bodyLength = length - ReplicaMessageLayout.HEADER_LENGTH;
        if (ReplicaMessageLayout.kind(buffer, message) == ReplicaMessageLayout.APPEND
                && BatchLayout.isPlausible(buffer, body, bodyLength)) {
            batch.wrap(buffer, body, bodyLength);
            refusals.add(new Refusal(
                    fromId,
                    ReplicaMessageLayout.partition(buffer, message),
                    ReplicaMessageLayout.leaderEpoch(buffer, message),
                    Leading.answer(batch, AppendCode.NOT_LEADER, 0, 0)));
            send();
        }
    }

    /** Answers how many were sent. */
    int send() {
        int sent = 0;
        for (Refusal next = refusals.peek(); next != null; next = refusals.peek()) {
            boolean isSent =
                    new ReplicaSender(next.id(), links).appended(next.brokerId(), next.leaderEpoch(), next.answer());
            if (!isSent && links.isConnected(next.brokerId())) {
                break;
            }
            refusals.poll();
            sent++;
        }
        return sent;
    }

    void onDisconnected(int brokerId) {
        refusals.removeIf(refusal -> refusal.brokerId() == brokerId);
    }
}
