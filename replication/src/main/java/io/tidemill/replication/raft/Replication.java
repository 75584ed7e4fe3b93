package io.tidemill.replication.raft;

import io.tidemill.replication.raft.Progress.Installing;
import io.tidemill.replication.raft.Progress.Pace;
import io.tidemill.replication.raft.Progress.Probing;
import io.tidemill.replication.raft.Progress.Streaming;
import io.tidemill.replication.raft.RaftEntry.Content;
import io.tidemill.replication.raft.RaftEntry.NoOp;
import io.tidemill.replication.raft.RaftMessage.AppendRefusal;
import io.tidemill.replication.raft.RaftMessage.AppendRequest;
import io.tidemill.replication.raft.RaftMessage.ChunkAck;
import io.tidemill.replication.raft.RaftMessage.SnapshotChunk;
import io.tidemill.replication.raft.RaftMessage.TimeoutNow;
import io.tidemill.replication.raft.Role.Leader;
import io.tidemill.replication.raft.Role.Transfer;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a leader does: it makes the others' logs its own, and commits what a majority has. It never changes what it has in its log,
 * and what it sends rests on nothing that its own disk still has to do: its term is durable since it was elected, and its own
 * copy of an entry counts only when it is.
 */
final class Replication {
    /** Why others are sent to. */
    enum Occasion {
        /** There may be entries that they have not been sent. */
        ENTRIES,
        /** Those who are up to date are to hear something, entries or not. */
        NEWS,
        /** Everybody is to hear something, also those whose answer is waited for. */
        HEARTBEAT
    }

    private final RaftState state;

    Replication(RaftState state) {
        this.state = state;
    }

    /** Elected. An entry of the new term commits all that former leaders left behind. */
    void begin(long nowNs, Effects out) {
        long firstIndex = state.log().lastIndex() + 1;
        state.become(new Leader(firstIndex, new TreeMap<>(), new ReadRounds(), nowNs, null), out);
        state.append(new RaftEntry(firstIndex, state.term(), new NoOp()), out);
        meetPeers(nowNs);
        onTick(nowNs, out);
    }

    /** Knows of each member of the newest membership, and of nobody else. */
    void meetPeers(long nowNs) {
        Membership membership = state.log().membership();
        NavigableMap<Integer, Progress> peers = leader().peers();
        peers.keySet().removeIf(id -> !membership.contains(id));
        membership.voters().forEach(id -> meet(id, nowNs));
        membership.learners().forEach(id -> meet(id, nowNs));
    }

    private void meet(int id, long nowNs) {
        if (id != state.selfId()) {
            leader().peers()
                    .computeIfAbsent(id, unknown -> new Progress(state.log().lastIndex(), nowNs));
        }
    }

    private Leader leader() {
        Leader leader = state.leader();
        if (leader == null) {
            throw new IllegalStateException("not the leader: role=" + state.role());
        }
        return leader;
    }

    private Progress peer(int id) {
        Progress progress = leader().peers().get(id);
        if (progress == null) {
            throw new IllegalStateException("not a member: id=" + id);
        }
        return progress;
    }

    void onTick(long nowNs, Effects out) {
        if (!hearsMajority(nowNs)) {
            // Others may have another leader; whoever asks here should ask there.
            state.follow(nowNs, out);
            return;
        }
        Transfer transfer = leader().transfer();
        if (transfer != null && nowNs - transfer.deadlineNs() >= 0) {
            state.become(leader().withTransfer(null), out);
        }
        if (nowNs - leader().heartbeatNs() >= 0) {
            state.become(leader().withHeartbeat(nowNs + state.settings().heartbeatNs()), out);
            sendToAll(Occasion.HEARTBEAT, out);
            handOver(out);
        }
    }

    private boolean hearsMajority(long nowNs) {
        long sinceNs = nowNs - state.settings().electionTimeoutNs();
        return state.log().membership().hasMajority(id -> id == state.selfId() || peer(id).isHeardSince(sinceNs));
    }

    /** Another entry, which the next {@link #sendToAll} sends. */
    void append(Content content, Effects out) {
        state.append(new RaftEntry(state.log().lastIndex() + 1, state.term(), content), out);
    }

    void onRefusal(Progress progress, AppendRefusal refusal) {
        progress.onRefusal(refusal.prevIndex(), state.log().lastIndexUpToTerm(refusal.hintIndex(), refusal.hintTerm()));
    }

    void onChunkAck(Progress progress, ChunkAck ack) {
        if (progress.pace() instanceof Installing installing
                && installing.snapshot().index() == ack.snapshotIndex()) {
            progress.become(new Installing(installing.snapshot(), ack.nextPosition(), false));
        }
    }

    /** What a majority has is committed, if it is of this term: one of a former term could still be lost with its majority. */
    void commit(Effects out) {
        RaftLogView log = state.log();
        long agreedIndex = log.membership()
                .reachedByMajority(id -> id == state.selfId() ? state.writes().durableIndex() : peer(id).matchIndex());
        if (agreedIndex > state.commitIndex() && log.has(agreedIndex, state.term())) {
            state.commitTo(agreedIndex);
            sendToAll(Occasion.NEWS, out);
        }
    }

    /** Whether it is certain by now that the cluster has gone on without this leader. */
    boolean isRemoved() {
        RaftLogView log = state.log();
        return !log.membership().isVoter(state.selfId()) && log.membershipIndex() <= state.commitIndex();
    }

    /** The newest round that a majority has answered, so this server was leader when it began. */
    long confirmedRound() {
        return state.log()
                .membership()
                .reachedByMajority(id -> id == state.selfId() ? leader().reads().round() : peer(id).answeredRound());
    }

    /** {@link Ballot#NOBODY} if it is the only voter. */
    int bestSuccessor() {
        int best = Ballot.NOBODY;
        for (int id : state.log().membership().voters()) {
            if (id != state.selfId() && (best == Ballot.NOBODY || peer(id).isAheadOf(peer(best)))) {
                best = id;
            }
        }
        return best;
    }

    /** Tells the one who is to be leader to become it, if it has everything. */
    void handOver(Effects out) {
        Transfer transfer = leader().transfer();
        if (transfer != null
                && peer(transfer.toId()).matchIndex() == state.log().lastIndex()) {
            out.send(transfer.toId(), new TimeoutNow(state.term()));
        }
    }

    void sendToAll(Occasion occasion, Effects out) {
        leader().peers().forEach((id, progress) -> sendTo(id, progress, occasion, out));
    }

    void sendTo(int id, Progress progress, Occasion occasion, Effects out) {
        if (progress.nextIndex() <= state.log().snapshot().index() && !(progress.pace() instanceof Installing)) {
            progress.become(new Installing(state.log().snapshot(), 0, false));
        }
        boolean isHeartbeat = occasion == Occasion.HEARTBEAT;
        Pace pace = progress.pace();
        if (pace instanceof Probing probing && (isHeartbeat || !probing.isAsked())) {
            out.send(id, appendFrom(progress.nextIndex(), batch(progress)));
            progress.become(new Probing(true));
        } else if (pace instanceof Installing installing && (isHeartbeat || !installing.isAsked())) {
            out.send(id, chunkOf(installing));
            progress.become(new Installing(installing.snapshot(), installing.position(), true));
        } else if (pace instanceof Streaming streaming) {
            stream(id, progress, streaming, occasion, out);
        }
    }

    /** One that got lost shows when the next is refused, a heartbeat later at most. */
    private void stream(int id, Progress progress, Streaming streaming, Occasion occasion, Effects out) {
        boolean isSpokenTo = false;
        while (progress.nextIndex() <= state.log().lastIndex()
                && streaming.inFlight().size() < state.settings().appendsInFlightMax()) {
            AppendRequest request = appendFrom(progress.nextIndex(), batch(progress));
            out.send(id, request);
            progress.onStreamed(streaming, request.lastIndex());
            isSpokenTo = true;
        }
        if (occasion != Occasion.ENTRIES && !isSpokenTo) {
            out.send(id, appendFrom(progress.nextIndex(), List.of()));
        }
    }

    private List<RaftEntry> batch(Progress progress) {
        return state.log().batchFrom(progress.nextIndex(), state.settings().appendBytesMax());
    }

    private AppendRequest appendFrom(long nextIndex, List<RaftEntry> entries) {
        long prevIndex = nextIndex - 1;
        return new AppendRequest(
                state.term(),
                leader().reads().round(),
                prevIndex,
                state.log().requireTerm(prevIndex),
                state.commitIndex(),
                entries);
    }

    private SnapshotChunk chunkOf(Installing installing) {
        RaftSnapshot snapshot = installing.snapshot();
        int endPosition = (int) Math.min(
                snapshot.bytes().length,
                (long) installing.position() + state.settings().appendBytesMax());
        return new SnapshotChunk(
                state.term(),
                leader().reads().round(),
                snapshot.index(),
                snapshot.term(),
                snapshot.membership(),
                snapshot.bytes().length,
                installing.position(),
                Arrays.copyOfRange(snapshot.bytes(), installing.position(), endPosition));
    }
}
