package io.tidemill.replication.replica;

import java.util.ArrayDeque;
import java.util.Deque;

/** Answers to brokers that have sent batches, until there is room for them. Owned by the lane thread. */
final class AppendReplies {
    private final Deque<Reply> replies = new ArrayDeque<>();

    /** @param leaderEpoch under which it was asked */
    private record Reply(ReplicaSender sender, int brokerId, int leaderEpoch, AppendAnswer answer) {}

    /** Behind those that there was no room for; if it gets lost with the connection, it is asked for again. */
    void add(ReplicaSender sender, int brokerId, int leaderEpoch, AppendAnswer answer) {
        replies.add(new Reply(sender, brokerId, leaderEpoch, answer));
        send();
    }

    /** Answers how many were sent. */
    int send() {
        int sent = 0;
        for (Reply next = replies.peek(); next != null; next = replies.peek()) {
            boolean isSent = next.sender().appended(next.brokerId(), next.leaderEpoch(), next.answer());
            if (!isSent && next.sender().isConnected(next.brokerId())) {
                break;
            }
            replies.poll();
            sent++;
        }
        return sent;
    }

    /** It asks again, and must not hear of both. */
    void onDisconnected(int brokerId) {
        replies.removeIf(reply -> reply.brokerId() == brokerId);
    }
}
