package io.tidemill.replication.raft;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What servers say to each other. Any of it may get lost, come twice, late, or in another order. Each says the sender's term, and
 * whoever hears of a newer one than its own follows there; only of a pre-vote the term is one that might come.
 */
public sealed interface RaftMessage {
    long term();

    default boolean isPreVote() {
        return false;
    }

    /** A leader's, or who would be one: to be answered with {@link NewerTerm} if it is late. */
    sealed interface Request extends RaftMessage {}

    /** Vote for me; as a pre-vote: would you? Silence is no. */
    record VoteRequest(long term, boolean isPreVote, long lastIndex, long lastTerm) implements Request {}

    record VoteGrant(long term, boolean isPreVote) implements RaftMessage {}

    /**
     * Entries, or none, behind an entry that the follower must have; a heartbeat as well.
     *
     * @param round comes back with the answer, so that the leader knows that it was one later than some moment
     */
    record AppendRequest(
            long term, long round, long prevIndex, long prevTerm, long commitIndex, List<RaftEntry> entries)
            implements Request {
        public AppendRequest {
            entries = List.copyOf(entries);
        }

        long lastIndex() {
            return prevIndex + entries.size();
        }
    }

    /** Up to that index, the follower has what the leader has, on its disk. */
    record AppendAck(long term, long round, long matchIndex) implements RaftMessage {}

    /**
     * The follower has another entry there, or none.
     *
     * @param prevIndex what was refused
     * @param hintIndex the last that may agree, as far as the follower can tell
     * @param hintTerm the follower's there
     */
    record AppendRefusal(long term, long round, long prevIndex, long hintIndex, long hintTerm) implements RaftMessage {}

    /** A part of the leader's snapshot, for a follower that lacks entries which the leader has no more. */
    record SnapshotChunk(
            long term,
            long round,
            long snapshotIndex,
            long snapshotTerm,
            Membership membership,
            int totalBytes,
            int position,
            byte[] bytes)
            implements Request {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof SnapshotChunk chunk
                    && term == chunk.term
                    && round == chunk.round
                    && snapshotIndex == chunk.snapshotIndex
                    && snapshotTerm == chunk.snapshotTerm
                    && membership.equals(chunk.membership)
                    && totalBytes == chunk.totalBytes
                    && position == chunk.position
                    && Arrays.equals(bytes, chunk.bytes);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(snapshotIndex) + 31 * position;
        }
    }

    /** Go on from there; the last chunk is answered with an {@link AppendAck}. */
    record ChunkAck(long term, long round, long snapshotIndex, int nextPosition) implements RaftMessage {}

    /** Become leader: the one there is gives way, and you have all that it has. */
    record TimeoutNow(long term) implements RaftMessage {}

    /** You are late. */
    record NewerTerm(long term) implements RaftMessage {}
}
