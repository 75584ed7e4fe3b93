package io.tidemill.replication.raft;

import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRefusal;
import io.tidemill.replication.raft.RaftMessage.AppendRequest;
import io.tidemill.replication.raft.RaftMessage.ChunkAck;
import io.tidemill.replication.raft.RaftMessage.SnapshotChunk;
import io.tidemill.replication.raft.Role.Follower;

/** What a follower makes of what its leader sends: its log becomes the leader's. */
final class Following {
    private final RaftState state;

    Following(RaftState state) {
        this.state = state;
    }

    void onAppend(int leaderId, AppendRequest request, long nowNs, Effects out) {
        state.followLeader(leaderId, nowNs, out);
        RaftLogView log = state.log();
        if (request.prevIndex() < state.commitIndex()) {
            // What is committed here, every leader has. It may not be in the log any more to be compared.
            state.say(leaderId, new AppendAck(state.term(), request.round(), state.commitIndex()));
        } else if (log.has(request.prevIndex(), request.prevTerm())) {
            request.entries().forEach(entry -> take(entry, out));
            // Behind what this leader sent, the log may still be another one than the leader's.
            state.commitTo(Math.min(request.commitIndex(), request.lastIndex()));
            state.say(leaderId, new AppendAck(state.term(), request.round(), request.lastIndex()));
        } else if (request.prevIndex() == state.commitIndex()) {
            throw new IllegalStateException("the leader has another entry where one is committed: index="
                    + request.prevIndex() + ", leaderTerm=" + request.prevTerm() + ", leaderId=" + leaderId);
        } else {
            long hintIndex = log.lastIndexUpToTerm(request.prevIndex(), request.prevTerm());
            state.say(
                    leaderId,
                    new AppendRefusal(
                            state.term(), request.round(), request.prevIndex(), hintIndex, log.requireTerm(hintIndex)));
        }
    }

    /** The log is cut only where it contradicts: a late message must not take away what came, and was acknowledged, since. */
    private void take(RaftEntry entry, Effects out) {
        if (state.log().has(entry.index(), entry.term())) {
            return;
        }
        if (entry.index() <= state.log().lastIndex()) {
            state.truncateFrom(entry.index(), out);
        }
        state.append(entry, out);
    }

    void onChunk(int leaderId, SnapshotChunk chunk, long nowNs, Effects out) {
        Follower follower = state.followLeader(leaderId, nowNs, out);
        if (state.log().has(chunk.snapshotIndex(), chunk.snapshotTerm())) {
            state.commitTo(chunk.snapshotIndex());
        }
        if (chunk.snapshotIndex() <= state.commitIndex()) {
            state.say(leaderId, new AppendAck(state.term(), chunk.round(), state.commitIndex()));
            return;
        }
        IncomingSnapshot incoming = follower.incoming();
        if (incoming == null || incoming.index() != chunk.snapshotIndex()) {
            incoming = new IncomingSnapshot(chunk.snapshotIndex());
            state.become(follower.withIncoming(incoming), out);
        }
        incoming.take(chunk);
        if (incoming.nextPosition() < chunk.totalBytes()) {
            state.say(
                    leaderId,
                    new ChunkAck(state.term(), chunk.round(), chunk.snapshotIndex(), incoming.nextPosition()));
            return;
        }
        state.become(follower.withIncoming(null), out);
        state.install(incoming.toSnapshot(chunk), out);
        state.say(leaderId, new AppendAck(state.term(), chunk.round(), chunk.snapshotIndex()));
    }
}
