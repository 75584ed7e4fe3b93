package io.tidemill.replication.node;

import io.tidemill.replication.raft.Ballot;
import io.tidemill.replication.raft.Effects;
import io.tidemill.replication.raft.Persisted;
import io.tidemill.replication.raft.Proposed;
import io.tidemill.replication.raft.RaftCore;
import io.tidemill.replication.raft.RaftEntry;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftHost;
import io.tidemill.replication.raft.RaftMessage;
import io.tidemill.replication.raft.RaftMessageLayout;
import io.tidemill.replication.raft.RaftSettings;
import io.tidemill.replication.raft.RaftSnapshot;
import io.tidemill.replication.raft.store.RaftStore;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The log of events that all brokers of the cluster agree on: a {@link RaftCore}, whose wishes are carried out here, at once.
 *
 * <p>Owned by the lane thread.
 */
final class MetadataLog implements RaftHost, AutoCloseable {
    /** Then they are replaced by what they came to. */
    private static final int ENTRIES_PER_SNAPSHOT = 10_000;

    private static final long NOTHING = -1;

    /** What comes of the log. */
    interface Reader {
        /** The next decision. */
        void onDecision(byte[] decision);

        /** Everything up to that entry was told. */
        void onPublished(long index, long term);

        /** Instead of all decisions so far. */
        void onSnapshot(byte[] snapshot);

        /** What all decisions so far came to. */
        byte[] snapshot();
    }

    private final RaftStore store;
    private final RaftCore core;
    private final ControlLinks links;
    private final Reader reader;
    private final RaftSnapshot firstSnapshot;
    private final Effects effects = new Effects();
    private long flushed = NOTHING;
    private long publishedIndex;
    private long publishedTerm;
    private long snapshotIndex;

    MetadataLog(
            int selfId,
            RaftStore store,
            RaftSettings settings,
            ControlLinks links,
            Reader reader,
            RandomGenerator random,
            long nowNs) {
        this.store = store;
        this.links = links;
        this.reader = reader;
        Persisted persisted = store.read();
        this.core = new RaftCore(selfId, settings, persisted, random, nowNs);
        this.firstSnapshot = persisted.snapshot();
    }

    /** Tells what was known when the broker stopped; what else was agreed on, others will say. */
    void start() {
        if (firstSnapshot.index() > 0) {
            restore(firstSnapshot);
        }
    }

    int onTick(long nowNs) {
        if (core.idleNsMax(nowNs) > 0) {
            return 0;
        }
        core.onTick(nowNs, effects);
        carryOut(nowNs);
        return 1;
    }

    /** Another broker can be reached. */
    void onReachable(long nowNs) {
        core.onReachable(nowNs, effects);
        carryOut(nowNs);
    }

    /** So many of the others can be reached that one of all could be elected. */
    void seekElection(long nowNs) {
        core.seekElection(nowNs, effects);
        carryOut(nowNs);
    }

    long idleNsMax(long nowNs) {
        return core.idleNsMax(nowNs);
    }

    void onMessage(int fromId, byte[] message, long nowNs) {
        core.onMessage(fromId, RaftMessageLayout.message(message), nowNs, effects);
        carryOut(nowNs);
    }

    Proposed propose(byte[] decision, long nowNs) {
        Proposed proposed = core.propose(List.of(decision), nowNs, effects);
        carryOut(nowNs);
        return proposed;
    }

    /** Another one is to lead, if this broker does; that takes a moment, or an election time-out to come to nothing. */
    void handOver(long nowNs) {
        int successorId = core.bestSuccessor();
        if (successorId != Ballot.NOBODY) {
            core.transfer(successorId, nowNs, effects);
            carryOut(nowNs);
        }
    }

    private void carryOut(long nowNs) {
        do {
            flushed = NOTHING;
            effects.carryOut(this);
            if (flushed != NOTHING) {
                core.onPersisted(flushed, nowNs, effects);
            }
        } while (flushed != NOTHING);
        if (publishedIndex - snapshotIndex >= ENTRIES_PER_SNAPSHOT) {
            snapshotIndex = publishedIndex;
            core.onSnapshotTaken(publishedIndex, reader.snapshot(), nowNs, effects);
            carryOut(nowNs);
        }
    }

    /** Who leads, as far as this broker knows; or {@link Ballot#NOBODY}. */
    int leaderId() {
        return core.leaderId();
    }

    /** Whether this broker leads, as far as it knows. */
    boolean isLeading() {
        return core.isLeader();
    }

    /** Whether this broker leads, and has seen everything that former leaders agreed on. */
    boolean isActing() {
        return core.isLeader() && publishedTerm == core.term();
    }

    /** Of the next entry, if this broker leads. */
    long nextIndex() {
        return core.lastIndex() + 1;
    }

    long term() {
        return core.term();
    }

    @Override
    public void persist(Ballot ballot) {
        store.persist(ballot);
    }

    @Override
    public void truncateFrom(long index) {
        store.truncateFrom(index);
    }

    @Override
    public void saveSnapshot(RaftSnapshot snapshot) {
        store.saveSnapshot(snapshot);
    }

    @Override
    public void append(List<RaftEntry> entries) {
        store.append(entries);
    }

    @Override
    public void flush(long write) {
        store.flush();
        flushed = write;
    }

    @Override
    public void send(int toId, RaftMessage message) {
        links.raft(toId, message);
    }

    @Override
    public void restore(RaftSnapshot snapshot) {
        reader.onSnapshot(snapshot.bytes());
        publishedIndex = snapshot.index();
        publishedTerm = snapshot.term();
        snapshotIndex = snapshot.index();
    }

    @Override
    public void publish(List<RaftEntry> entries) {
        for (RaftEntry entry : entries) {
            publishedIndex = entry.index();
            publishedTerm = entry.term();
            if (entry.content() instanceof Proposal proposal) {
                reader.onDecision(proposal.bytes());
            }
            reader.onPublished(entry.index(), entry.term());
        }
    }

    @Override
    public void onReadable(long readId) {
        throw new IllegalStateException("nobody asked to read: readId=" + readId);
    }

    @Override
    public void onReadFailed(long readId) {
        throw new IllegalStateException("nobody asked to read: readId=" + readId);
    }

    @Override
    public void close() {
        store.close();
    }
}
