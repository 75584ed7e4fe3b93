package io.tidemill.replication.raft;

import io.tidemill.replication.raft.MembershipChange.AddLearner;
import io.tidemill.replication.raft.MembershipChange.Promote;
import io.tidemill.replication.raft.PendingWrites.Held;
import io.tidemill.replication.raft.Proposed.Accepted;
import io.tidemill.replication.raft.Proposed.Refused;
import io.tidemill.replication.raft.RaftEntry.Members;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRefusal;
import io.tidemill.replication.raft.RaftMessage.AppendRequest;
import io.tidemill.replication.raft.RaftMessage.ChunkAck;
import io.tidemill.replication.raft.RaftMessage.NewerTerm;
import io.tidemill.replication.raft.RaftMessage.Request;
import io.tidemill.replication.raft.RaftMessage.SnapshotChunk;
import io.tidemill.replication.raft.RaftMessage.TimeoutNow;
import io.tidemill.replication.raft.RaftMessage.VoteGrant;
import io.tidemill.replication.raft.RaftMessage.VoteRequest;
import io.tidemill.replication.raft.Replication.Occasion;
import io.tidemill.replication.raft.Role.Follower;
import io.tidemill.replication.raft.Role.Leader;
import io.tidemill.replication.raft.Role.Transfer;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One server of a cluster that agrees on one sequence of entries, after Raft (Ongaro's dissertation, 2014). A majority of the voters is
 * enough to go on; nothing that was committed is ever lost or changed while a majority of disks keeps what was flushed.
 *
 * <p>At most one server leads in each term, because each votes once in a term, and does not forget it. The leader alone adds entries,
 * and the others' logs become the leader's. Two logs that have an entry with the same index and term are the same up to there,
 * since a follower takes an entry only behind the one that it follows in the leader's log. An entry is committed when a majority has
 * it, and one of the leader's own term is among them; whoever is elected later has it, because a majority voted, and nobody votes for
 * one whose log is behind its own.
 *
 * <p>What is to be durable is wished, and takes its time: {@link #onPersisted} says when it is. Everything that this server says rests
 * on what is durable by then, except what a leader sends. What is published is committed, and durable here.
 *
 * <p>Beside that: an election is asked for before it is held; a leader that hears no majority gives up; leadership is handed
 * over on request; a read needs no entry, only a round of messages; a snapshot takes the place of entries; members change one at a time.
 * Decision 18 says what was chosen, and why.
 *
 * <p>Each input fills {@link Effects}, which the caller carries out, after one input or after several. Owned by one thread at a time.
 * Times are nanoseconds of one clock, compared by subtraction; nothing that is promised rests on the clocks of others.
 */
public final class RaftCore {
    private final RaftState state;
    private final Elections elections;
    private final Replication replication;
    private final Following following;

    public RaftCore(int selfId, RaftSettings settings, Persisted persisted, RandomGenerator random, long nowNs) {
        this.state = new RaftState(selfId, settings, persisted, random, nowNs);
        this.elections = new Elections(state);
        this.replication = new Replication(state);
        this.following = new Following(state);
    }

    /** Time has passed. */
    public void onTick(long nowNs, Effects out) {
        if (state.role() instanceof Leader) {
            replication.onTick(nowNs, out);
        } else if (nowNs - state.deadlineNs() >= 0) {
            elections.onTimeout(nowNs, out);
        }
        endStep(nowNs, out);
    }

    /** Enough of the others can be heard, and none of them leads: an election need not wait for the silence to be long enough. */
    public void seekElection(long nowNs, Effects out) {
        if (state.role() instanceof Follower follower && follower.leaderId() == Ballot.NOBODY) {
            elections.onTimeout(nowNs, out);
        }
        endStep(nowNs, out);
    }

    /** Another server can be heard and spoken to: if this one leads, that one is to know at once. */
    public void onReachable(long nowNs, Effects out) {
        if (isLeader()) {
            replication.sendToAll(Occasion.HEARTBEAT, out);
        }
        endStep(nowNs, out);
    }

    /** How long {@link #onTick} has nothing to do, if nothing comes meanwhile. */
    public long idleNsMax(long nowNs) {
        return Math.max(0, state.deadlineNs() - nowNs);
    }

    /** Another server says something. */
    public void onMessage(int fromId, RaftMessage message, long nowNs, Effects out) {
        handle(fromId, message, nowNs, out);
        endStep(nowNs, out);
    }

    private void handle(int fromId, RaftMessage message, long nowNs, Effects out) {
        if (message.term() > state.term() && !message.isPreVote()) {
            state.followInto(message.term(), nowNs, out);
        }
        if (message.term() < state.term() && !message.isPreVote()) {
            if (message instanceof Request) {
                state.say(fromId, new NewerTerm(state.term()));
            }
        } else if (message instanceof VoteRequest request) {
            elections.onVoteRequest(fromId, request, nowNs, out);
        } else if (message instanceof VoteGrant grant) {
            if (elections.onVoteGrant(fromId, grant, nowNs, out)) {
                replication.begin(nowNs, out);
            }
        } else if (message instanceof AppendRequest request) {
            following.onAppend(fromId, request, nowNs, out);
        } else if (message instanceof SnapshotChunk chunk) {
            following.onChunk(fromId, chunk, nowNs, out);
        } else if (message instanceof TimeoutNow) {
            onTimeoutNow(nowNs, out);
        } else {
            onAnswer(fromId, message, nowNs, out);
        }
    }

    private void onTimeoutNow(long nowNs, Effects out) {
        if (!(state.role() instanceof Leader) && state.log().membership().isVoter(state.selfId())) {
            elections.campaign(nowNs, out);
        }
    }

    /** An answer to what this server sent as the leader, if it is one still, and the other one a member. */
    private void onAnswer(int fromId, RaftMessage message, long nowNs, Effects out) {
        Leader leader = state.leader();
        Progress progress = leader == null ? null : leader.peers().get(fromId);
        if (progress == null) {
            return;
        }
        if (message instanceof AppendAck ack) {
            progress.onHeard(ack.round(), nowNs);
            progress.onAck(ack.matchIndex());
            replication.handOver(out);
        } else if (message instanceof AppendRefusal refusal) {
            progress.onHeard(refusal.round(), nowNs);
            replication.onRefusal(progress, refusal);
        } else if (message instanceof ChunkAck ack) {
            progress.onHeard(ack.round(), nowNs);
            replication.onChunkAck(progress, ack);
        }
        replication.sendTo(fromId, progress, Occasion.ENTRIES, out);
    }

    /** The disk is done with this write, and with those before it. */
    public void onPersisted(long write, long nowNs, Effects out) {
        state.writes().complete(write);
        endStep(nowNs, out);
    }

    /**
     * Adds entries to the log, all of them or none.
     *
     * @param proposals what they say; one that is larger than an append may be is the caller's mistake
     */
    public Proposed propose(List<byte[]> proposals, long nowNs, Effects out) {
        for (byte[] bytes : proposals) {
            if (RaftEntryLayout.HEADER_BYTES + bytes.length > state.settings().appendBytesMax()) {
                throw new IllegalArgumentException("proposal is too large: bytes=" + bytes.length + ", appendBytesMax="
                        + state.settings().appendBytesMax());
            }
        }
        RaftRefusal refusal = refusal();
        if (refusal != null) {
            return new Refused(refusal);
        }
        long uncommitted = state.log().lastIndex() - state.commitIndex();
        if (uncommitted + proposals.size() > state.settings().uncommittedEntriesMax()) {
            return new Refused(RaftRefusal.BACK_PRESSURED);
        }
        long firstIndex = state.log().lastIndex() + 1;
        proposals.forEach(bytes -> replication.append(new Proposal(bytes), out));
        replication.sendToAll(Occasion.ENTRIES, out);
        endStep(nowNs, out);
        return new Accepted(firstIndex, state.term());
    }

    private @Nullable RaftRefusal refusal() {
        Leader leader = state.leader();
        if (leader == null) {
            return RaftRefusal.NOT_LEADER;
        }
        return leader.transfer() == null ? null : RaftRefusal.TRANSFERRING;
    }

    /** Changes who belongs to the cluster; done when the entry is committed, in use when it is in a log. */
    public Proposed propose(MembershipChange change, long nowNs, Effects out) {
        RaftRefusal refusal = refusal(change);
        if (refusal != null) {
            return new Refused(refusal);
        }
        Membership membership = state.log().membership();
        int id = change.id();
        Membership changed = change instanceof AddLearner
                ? membership.withLearner(id)
                : change instanceof Promote ? membership.withVoter(id) : membership.without(id);
        replication.append(new Members(changed), out);
        replication.meetPeers(nowNs);
        replication.sendToAll(Occasion.ENTRIES, out);
        endStep(nowNs, out);
        return new Accepted(state.log().lastIndex(), state.term());
    }

    private @Nullable RaftRefusal refusal(MembershipChange change) {
        RaftRefusal refusal = refusal();
        Leader leader = state.leader();
        if (refusal != null || leader == null) {
            return refusal;
        }
        RaftLogView log = state.log();
        // Before an entry of its own term is committed, a change of a former leader may be, that this one does not
        // know.
        if (state.commitIndex() < Math.max(log.membershipIndex(), leader.firstIndex())) {
            return RaftRefusal.CHANGE_UNDER_WAY;
        }
        Membership membership = log.membership();
        int id = change.id();
        if (change instanceof AddLearner) {
            return membership.contains(id) ? RaftRefusal.INVALID_MEMBER : null;
        } else if (change instanceof Promote) {
            Progress progress =
                    membership.learners().contains(id) ? leader.peers().get(id) : null;
            if (progress == null) {
                return RaftRefusal.INVALID_MEMBER;
            }
            return progress.matchIndex() < state.commitIndex() ? RaftRefusal.NOT_CAUGHT_UP : null;
        }
        boolean isNobodyLeft = membership.without(id).voters().isEmpty();
        return isNobodyLeft || !membership.contains(id) ? RaftRefusal.INVALID_MEMBER : null;
    }

    /**
     * Asks when what is committed now may be read here; the answer is {@link RaftHost#onReadable} or {@link RaftHost#onReadFailed}.
     *
     * @return why not, or null
     */
    public @Nullable RaftRefusal read(long readId, long nowNs, Effects out) {
        Leader leader = state.leader();
        if (leader == null) {
            return RaftRefusal.NOT_LEADER;
        }
        if (leader.reads().isFull()) {
            return RaftRefusal.BACK_PRESSURED;
        }
        // What former leaders have committed is in front of the no-op, known to be committed or not.
        leader.reads().begin(readId, Math.max(state.commitIndex(), leader.firstIndex()));
        replication.sendToAll(Occasion.NEWS, out);
        endStep(nowNs, out);
        return null;
    }

    /** The voter that would lead soonest: that has most of this leader's log, and was heard last. {@link Ballot#NOBODY} if there is none. */
    public int bestSuccessor() {
        return state.leader() == null ? Ballot.NOBODY : replication.bestSuccessor();
    }

    /**
     * Hands the leadership over to another voter, as soon as that one has all entries. Meanwhile nothing is taken; if it does not
     * succeed within an election time-out, this server goes on as before.
     *
     * @return why not, or null
     */
    public @Nullable RaftRefusal transfer(int toId, long nowNs, Effects out) {
        RaftRefusal refusal = refusal();
        Leader leader = state.leader();
        if (refusal != null || leader == null) {
            return refusal;
        }
        if (toId == state.selfId() || !state.log().membership().isVoter(toId)) {
            return RaftRefusal.INVALID_MEMBER;
        }
        Transfer transfer = new Transfer(toId, nowNs + state.settings().electionTimeoutNs());
        state.become(leader.withTransfer(transfer), out);
        replication.handOver(out);
        endStep(nowNs, out);
        return null;
    }

    /** What the caller has made of everything published up to an index takes the place of those entries. */
    public void onSnapshotTaken(long index, byte[] bytes, long nowNs, Effects out) {
        if (index > state.publishedIndex()) {
            throw new IllegalArgumentException("a snapshot of what is not published: index=" + index
                    + ", publishedIndex=" + state.publishedIndex());
        }
        if (index > state.log().snapshot().index()) {
            out.saveSnapshot(state.log().compact(index, bytes));
        }
        endStep(nowNs, out);
    }

    /** What follows from all inputs alike: writes begin, what waited for one is said, what is certain is shown. */
    private void endStep(long nowNs, Effects out) {
        PendingWrites writes = state.writes();
        writes.endStep(state.log().lastIndex(), out);
        for (Held held = writes.release(); held != null; held = writes.release()) {
            if (held.toId() == state.selfId()) {
                handle(state.selfId(), held.message(), nowNs, out);
                writes.endStep(state.log().lastIndex(), out);
            } else {
                out.send(held.toId(), held.message());
            }
        }
        if (state.role() instanceof Leader) {
            replication.commit(out);
        }
        state.publish(out);
        if (state.role() instanceof Leader leader) {
            leader.reads().onConfirmed(replication.confirmedRound(), state.publishedIndex(), out);
            if (replication.isRemoved()) {
                state.follow(nowNs, out);
            }
        }
    }

    /** Who leads, as far as this server knows; or {@link Ballot#NOBODY}. */
    public int leaderId() {
        if (state.role() instanceof Follower follower) {
            return follower.leaderId();
        }
        return isLeader() ? state.selfId() : Ballot.NOBODY;
    }

    /** Whether it believes so; another one may lead by now. */
    public boolean isLeader() {
        return state.role() instanceof Leader;
    }

    public long term() {
        return state.term();
    }

    /** Up to there entries are known to be committed. */
    public long commitIndex() {
        return state.commitIndex();
    }

    public long lastIndex() {
        return state.log().lastIndex();
    }

    /** The newest, committed or not. */
    public Membership membership() {
        return state.log().membership();
    }
}
