package io.tidemill.replication.raft;

import java.util.NavigableMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a server is at the moment, with what only such a one knows. */
sealed interface Role {
    /**
     * Does as the leader says, if there is one.
     *
     * @param leaderId or {@link Ballot#NOBODY}
     * @param heardNs when the leader spoke last
     * @param deadlineNs when to want an election
     * @param incoming the part of a snapshot that has come from this leader, or null
     */
    record Follower(
            int leaderId,
            long heardNs,
            long deadlineNs,
            @Nullable IncomingSnapshot incoming) implements Role {
        Follower withIncoming(@Nullable IncomingSnapshot newIncoming) {
            return new Follower(leaderId, heardNs, deadlineNs, newIncoming);
        }
    }

    /** Asks whether it would be elected, so that a term does not begin in vain. */
    record PreCandidate(Set<Integer> grants, long deadlineNs) implements Role {}

    record Candidate(Set<Integer> grants, long deadlineNs) implements Role {}

    /**
     * @param firstIndex of its no-op
     * @param peers all other members
     * @param heartbeatNs when to speak to everybody again
     * @param transfer to whom it is giving its leadership, or null
     */
    record Leader(
            long firstIndex,
            NavigableMap<Integer, Progress> peers,
            ReadRounds reads,
            long heartbeatNs,
            @Nullable Transfer transfer)
            implements Role {
        Leader withHeartbeat(long newHeartbeatNs) {
            return new Leader(firstIndex, peers, reads, newHeartbeatNs, transfer);
        }

        Leader withTransfer(@Nullable Transfer newTransfer) {
            return new Leader(firstIndex, peers, reads, heartbeatNs, newTransfer);
        }
    }

    /** Given up at the deadline, so that a server that died does not keep the cluster from writing. */
    record Transfer(int toId, long deadlineNs) {}
}
