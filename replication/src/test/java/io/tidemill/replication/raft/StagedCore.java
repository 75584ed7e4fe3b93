package io.tidemill.replication.raft;

import io.tidemill.replication.raft.RaftEntry.NoOp;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRequest;
import io.tidemill.replication.raft.RaftMessage.VoteGrant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Server 1 of a cluster; a test plays the other servers, the disk and the clock. */
final class StagedCore implements RaftHost {
    static final long ELECTION_NS = 100;
    static final long HEARTBEAT_NS = 10;
    /** Two proposals of one byte in a message. */
    static final RaftSettings SETTINGS = new RaftSettings(ELECTION_NS, HEARTBEAT_NS, 28, 2, 8);

    static final Membership THREE = Membership.ofVoters(1, 2, 3);

    private final RaftCore core;
    private final Effects effects = new Effects();
    /** The clock is about to wrap. */
    long nowNs = Long.MAX_VALUE - 50;

    /** Whether the disk is done at once. */
    boolean isDiskFast = true;

    private long lastWrite;
    Ballot ballot;
    final List<RaftEntry> log = new ArrayList<>();

    @Nullable
    RaftSnapshot saved;

    @Nullable
    RaftSnapshot restored;

    final List<RaftEntry> published = new ArrayList<>();
    final List<Long> readable = new ArrayList<>();
    final List<Long> unreadable = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();

    private record Sent(int toId, RaftMessage message) {}

    StagedCore(Persisted persisted) {
        this.ballot = persisted.ballot();
        this.log.addAll(persisted.entries());
        // No chance: it waits for an election time-out, and no longer.
        this.core = new RaftCore(1, SETTINGS, persisted, () -> 0, nowNs);
    }

    static StagedCore of(Membership membership) {
        return new StagedCore(Persisted.nothing(membership));
    }

    /** With a log of entries of these terms. */
    static StagedCore withTerms(long... terms) {
        long term = terms[terms.length - 1];
        return new StagedCore(new Persisted(
                new Ballot(term, Ballot.NOBODY), RaftSnapshot.beginning(THREE), List.of(entries(1, terms))));
    }

    /** It leads three servers in term 1, and all have its no-op. */
    static StagedCore leader() {
        StagedCore staged = of(THREE);
        staged.beElectedBy(2);
        staged.say(2, new AppendAck(staged.core.term(), 0, 1));
        staged.say(3, new AppendAck(staged.core.term(), 0, 1));
        staged.takeSent(2);
        staged.takeSent(3);
        return staged;
    }

    void beElectedBy(int... voters) {
        pass(ELECTION_NS);
        long term = core.term() + 1;
        for (int voter : voters) {
            say(voter, new VoteGrant(term, true));
        }
        for (int voter : voters) {
            say(voter, new VoteGrant(term, false));
        }
    }

    RaftCore core() {
        return core;
    }

    static RaftEntry[] entries(long firstIndex, long... terms) {
        RaftEntry[] entries = new RaftEntry[terms.length];
        for (int i = 0; i < terms.length; i++) {
            entries[i] = entry(firstIndex + i, terms[i]);
        }
        return entries;
    }

    static RaftEntry entry(long index, long term) {
        return new RaftEntry(index, term, new Proposal(new byte[] {(byte) index}));
    }

    static RaftEntry noOp(long index, long term) {
        return new RaftEntry(index, term, new NoOp());
    }

    static AppendRequest append(long term, long prevIndex, long prevTerm, long commitIndex, RaftEntry... entries) {
        return new AppendRequest(term, 0, prevIndex, prevTerm, commitIndex, List.of(entries));
    }

    void say(int fromId, RaftMessage message) {
        core.onMessage(fromId, message, nowNs, effects);
        carryOut();
    }

    void pass(long ns) {
        nowNs += ns;
        core.onTick(nowNs, effects);
        carryOut();
    }

    /** The disk is done with everything. */
    void persistAll() {
        core.onPersisted(lastWrite, nowNs, effects);
        carryOut();
    }

    Proposed propose(int... values) {
        Proposed proposed = core.propose(
                Arrays.stream(values)
                        .mapToObj(value -> new byte[] {(byte) value})
                        .toList(),
                nowNs,
                effects);
        carryOut();
        return proposed;
    }

    Proposed change(MembershipChange change) {
        Proposed proposed = core.propose(change, nowNs, effects);
        carryOut();
        return proposed;
    }

    @Nullable
    RaftRefusal read(long readId) {
        RaftRefusal refusal = core.read(readId, nowNs, effects);
        carryOut();
        return refusal;
    }

    @Nullable
    RaftRefusal transfer(int toId) {
        RaftRefusal refusal = core.transfer(toId, nowNs, effects);
        carryOut();
        return refusal;
    }

    void takeSnapshot(long index, byte... bytes) {
        core.onSnapshotTaken(index, bytes, nowNs, effects);
        carryOut();
    }

    private void carryOut() {
        long writeBefore = lastWrite;
        effects.carryOut(this);
        if (isDiskFast && lastWrite != writeBefore) {
            persistAll();
        }
    }

    /** What was sent to that server since this was asked last. */
    List<RaftMessage> takeSent(int toId) {
        List<RaftMessage> taken =
                sent.stream().filter(it -> it.toId() == toId).map(Sent::message).toList();
        sent.removeIf(it -> it.toId() == toId);
        return taken;
    }

    @Override
    public void persist(Ballot newBallot) {
        ballot = newBallot;
    }

    @Override
    public void truncateFrom(long index) {
        log.removeIf(entry -> entry.index() >= index);
    }

    @Override
    public void saveSnapshot(RaftSnapshot snapshot) {
        saved = snapshot;
        log.removeIf(entry -> entry.index() <= snapshot.index());
    }

    @Override
    public void append(List<RaftEntry> entries) {
        log.addAll(entries);
    }

    @Override
    public void flush(long write) {
        lastWrite = write;
    }

    @Override
    public void send(int toId, RaftMessage message) {
        sent.add(new Sent(toId, message));
    }

    @Override
    public void restore(RaftSnapshot snapshot) {
        restored = snapshot;
    }

    @Override
    public void publish(List<RaftEntry> entries) {
        published.addAll(entries);
    }

    @Override
    public void onReadable(long readId) {
        readable.add(readId);
    }

    @Override
    public void onReadFailed(long readId) {
        unreadable.add(readId);
    }
}
