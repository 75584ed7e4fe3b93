package io.tidemill.replication.raft;

import io.tidemill.replication.raft.RaftMessage.NewerTerm;
import io.tidemill.replication.raft.RaftMessage.VoteGrant;
import io.tidemill.replication.raft.RaftMessage.VoteRequest;
import io.tidemill.replication.raft.Role.Candidate;
import io.tidemill.replication.raft.Role.Follower;
import io.tidemill.replication.raft.Role.Leader;
import io.tidemill.replication.raft.Role.PreCandidate;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a server becomes leader, as far as the votes. First it asks whether it would be elected (pre-vote), and nobody who hears a
 * leader says yes; so a server that was cut off, or belongs to the cluster no more, disturbs nobody when it is back.
 */
final class Elections {
    private final RaftState state;

    Elections(RaftState state) {
        this.state = state;
    }

    /** No leader was heard for too long, or an election came to nothing. */
    void onTimeout(long nowNs, Effects out) {
        if (!mayBeElected()) {
            state.follow(nowNs, out);
            return;
        }
        Set<Integer> grants = new TreeSet<>(Set.of(state.selfId()));
        state.become(new PreCandidate(grants, state.nextDeadlineNs(nowNs)), out);
        if (isElectedBy(grants)) {
            campaign(nowNs, out);
        } else {
            askForVotes(state.term() + 1, true);
        }
    }

    /**
     * One that was removed may have to be, until that is committed: it may be the only one who has the entry that says so, and
     * without it those who are left are not a majority, or less up to date than it.
     */
    private boolean mayBeElected() {
        RaftLogView log = state.log();
        return log.membership().isVoter(state.selfId())
                || log.membershipAt(state.commitIndex()).isVoter(state.selfId());
    }

    /** A term begins, with a vote for itself. */
    void campaign(long nowNs, Effects out) {
        long newTerm = state.term() + 1;
        state.remember(new Ballot(newTerm, state.selfId()), out);
        state.become(new Candidate(new TreeSet<>(), state.nextDeadlineNs(nowNs)), out);
        // Its own vote counts like all others when it is durable: after a crash it could be given to somebody else.
        state.say(state.selfId(), new VoteGrant(newTerm, false));
        askForVotes(newTerm, false);
    }

    private void askForVotes(long newTerm, boolean isPreVote) {
        RaftLogView log = state.log();
        VoteRequest request = new VoteRequest(newTerm, isPreVote, log.lastIndex(), log.lastTerm());
        for (int voter : log.membership().voters()) {
            if (voter != state.selfId()) {
                state.say(voter, request);
            }
        }
    }

    /** Whoever asks is given a vote, member or not: whom it counts is its business, and it may know newer members. */
    void onVoteRequest(int fromId, VoteRequest request, long nowNs, Effects out) {
        boolean isUpToDate = state.log().isReachedBy(request.lastIndex(), request.lastTerm());
        if (request.isPreVote()) {
            if (request.term() <= state.term()) {
                state.say(fromId, new NewerTerm(state.term()));
            } else if (isUpToDate && !hearsLeader(nowNs)) {
                state.say(fromId, new VoteGrant(request.term(), true));
            }
            return;
        }
        int votedFor = state.ballot().votedFor();
        if (isUpToDate && (votedFor == Ballot.NOBODY || votedFor == fromId)) {
            if (votedFor == Ballot.NOBODY) {
                state.remember(new Ballot(state.term(), fromId), out);
                state.follow(nowNs, out);
            }
            state.say(fromId, new VoteGrant(state.term(), false));
        }
    }

    private boolean hearsLeader(long nowNs) {
        if (state.role() instanceof Follower follower) {
            return follower.leaderId() != Ballot.NOBODY
                    && nowNs - follower.heardNs() < state.settings().electionTimeoutNs();
        }
        return state.role() instanceof Leader;
    }

    /**
     * Somebody votes for this server.
     *
     * @return whether it is elected
     */
    boolean onVoteGrant(int fromId, VoteGrant grant, long nowNs, Effects out) {
        if (grant.isPreVote()) {
            if (state.role() instanceof PreCandidate preCandidate
                    && grant.term() == state.term() + 1
                    && preCandidate.grants().add(fromId)
                    && isElectedBy(preCandidate.grants())) {
                campaign(nowNs, out);
            }
            return false;
        }
        return state.role() instanceof Candidate candidate
                && candidate.grants().add(fromId)
                && isElectedBy(candidate.grants());
    }

    private boolean isElectedBy(Set<Integer> grants) {
        return state.log().membership().hasMajority(grants::contains);
    }
}
