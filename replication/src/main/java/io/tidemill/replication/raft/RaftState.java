package io.tidemill.replication.raft;

import io.tidemill.replication.raft.Role.Candidate;
import io.tidemill.replication.raft.Role.Follower;
import io.tidemill.replication.raft.Role.Leader;
import io.tidemill.replication.raft.Role.PreCandidate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What the parts of a core share: who this server is, what it remembers, and how far things are committed. */
final class RaftState {
    private final int selfId;
    private final RaftSettings settings;
    private final RandomGenerator random;
    private final RaftLogView log;
    private final PendingWrites writes;

    private Ballot ballot;
    private Role role;
    private long commitIndex;
    private long publishedIndex;

    RaftState(int selfId, RaftSettings settings, Persisted persisted, RandomGenerator random, long nowNs) {
        this.selfId = selfId;
        this.settings = settings;
        this.random = random;
        this.log = new RaftLogView(persisted.snapshot(), persisted.entries());
        this.writes = new PendingWrites(log.lastIndex());
        this.ballot = persisted.ballot();
        this.commitIndex = log.snapshot().index();
        this.publishedIndex = commitIndex;
        this.role = new Follower(Ballot.NOBODY, nowNs, nextDeadlineNs(nowNs), null);
    }

    int selfId() {
        return selfId;
    }

    RaftSettings settings() {
        return settings;
    }

    RaftLogView log() {
        return log;
    }

    PendingWrites writes() {
        return writes;
    }

    long term() {
        return ballot.term();
    }

    Ballot ballot() {
        return ballot;
    }

    Role role() {
        return role;
    }

    @Nullable
    Leader leader() {
        return role instanceof Leader leader ? leader : null;
    }

    long commitIndex() {
        return commitIndex;
    }

    long publishedIndex() {
        return publishedIndex;
    }

    /** By chance, so that not everybody wants to be elected at once. */
    long nextDeadlineNs(long nowNs) {
        return nowNs + settings.electionTimeoutNs() + random.nextLong(settings.electionTimeoutNs());
    }

    /** To be said when all that it may rest on is durable. */
    void say(int toId, RaftMessage message) {
        writes.hold(toId, message);
    }

    void remember(Ballot newBallot, Effects out) {
        ballot = newBallot;
        out.persist(newBallot);
    }

    /** There is a newer term; who leads it is not known. */
    void followInto(long newerTerm, long nowNs, Effects out) {
        remember(new Ballot(newerTerm, Ballot.NOBODY), out);
        follow(nowNs, out);
    }

    /** Nobody is known to lead. */
    void follow(long nowNs, Effects out) {
        become(new Follower(Ballot.NOBODY, nowNs, nextDeadlineNs(nowNs), null), out);
    }

    /** The leader of this term spoke. */
    Follower followLeader(int leaderId, long nowNs, Effects out) {
        if (role instanceof Leader) {
            throw new IllegalStateException(
                    "two leaders in one term: term=" + term() + ", selfId=" + selfId + ", otherId=" + leaderId);
        }
        IncomingSnapshot incoming =
                role instanceof Follower follower && follower.leaderId() == leaderId ? follower.incoming() : null;
        Follower follower = new Follower(leaderId, nowNs, nextDeadlineNs(nowNs), incoming);
        become(follower, out);
        return follower;
    }

    void become(Role newRole, Effects out) {
        if (role instanceof Leader leader && !(newRole instanceof Leader)) {
            leader.reads().failAll(out);
        }
        role = newRole;
    }

    /** When the role has to do something by itself. */
    long deadlineNs() {
        if (role instanceof Follower follower) {
            return follower.deadlineNs();
        } else if (role instanceof PreCandidate preCandidate) {
            return preCandidate.deadlineNs();
        } else if (role instanceof Candidate candidate) {
            return candidate.deadlineNs();
        }
        return ((Leader) role).heartbeatNs();
    }

    void append(RaftEntry entry, Effects out) {
        log.append(entry);
        out.append(entry);
    }

    void truncateFrom(long index, Effects out) {
        log.truncateFrom(index);
        writes.onTruncated(index);
        out.truncateFrom(index);
    }

    /** A snapshot takes the place of the log. */
    void install(RaftSnapshot snapshot, Effects out) {
        writes.onTruncated(commitIndex + 1);
        log.install(snapshot);
        out.install(snapshot);
        commitIndex = snapshot.index();
    }

    void commitTo(long index) {
        commitIndex = Math.max(commitIndex, index);
    }

    /** Shows the caller what is committed and durable here. */
    void publish(Effects out) {
        long toIndex = Math.min(commitIndex, writes.durableIndex());
        RaftSnapshot snapshot = log.snapshot();
        if (toIndex < snapshot.index()) {
            return;
        }
        if (publishedIndex < snapshot.index()) {
            out.restore(snapshot);
            publishedIndex = snapshot.index();
        }
        if (toIndex > publishedIndex) {
            out.publish(log.between(publishedIndex + 1, toIndex));
            publishedIndex = toIndex;
        }
    }
}
