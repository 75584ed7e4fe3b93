package io.tidemill.replication.raft;

import static io.tidemill.replication.raft.RaftInvariants.require;

import io.tidemill.replication.raft.RaftEntry.Members;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A server that runs or not, on a clock of its own: its core, its disk, and the caller that has its state made of what is published. */
final class SimulatedServer implements RaftHost {
    static final RaftSettings SETTINGS = new RaftSettings(100_000, 10_000, 100, 4, 40);
    private static final int SNAPSHOT_BYTES_MAX = 350;

    /** Something that comes to a core. */
    interface Input {
        void into(RaftCore core, long nowNs, Effects out);
    }

    private final int id;
    private final SimulatedDisk disk;
    private final RaftSimulation simulation;
    private final SplittableRandom random;
    private final RaftInvariants invariants;
    /** How many ns its clock counts in 1,000 of the simulation. */
    private final long rate;

    private @Nullable RaftCore core;
    private Effects effects = new Effects();
    private long clockOffsetNs;
    /** The log as its wishes make it. */
    private final NavigableMap<Long, RaftEntry> mirror = new TreeMap<>();

    private RaftSnapshot mirroredSnapshot;
    private boolean isMirrorCut;
    private long publishedIndex;
    private long commitIndex;
    private long leaderSinceNs;
    private final Map<Integer, Long> heardNs = new HashMap<>();
    /** What must have been published when the read is ready. */
    private final Map<Long, Long> reads = new HashMap<>();

    private int incarnation;
    private int readsDone;
    private int restores;

    SimulatedServer(int id, SimulatedDisk disk, RaftSimulation simulation, SplittableRandom random) {
        this.id = id;
        this.disk = disk;
        this.simulation = simulation;
        this.random = random;
        this.invariants = simulation.invariants();
        this.rate = random.nextInt(3) == 0 ? 500 + random.nextInt(1_000) : 990 + random.nextInt(20);
        this.mirroredSnapshot = disk.persisted().snapshot();
    }

    void start() {
        Persisted persisted = disk.persisted();
        incarnation++;
        clockOffsetNs = random.nextLong();
        core = new RaftCore(id, SETTINGS, persisted, random, nowNs());
        mirroredSnapshot = persisted.snapshot();
        mirror.clear();
        persisted.entries().forEach(entry -> mirror.put(entry.index(), entry));
        mirror.headMap(mirroredSnapshot.index(), true).clear();
        publishedIndex = mirroredSnapshot.index();
        commitIndex = publishedIndex;
        simulation.tickLater(this, core.idleNsMax(nowNs()));
    }

    void crash() {
        core = null;
        effects = new Effects();
        reads.clear();
        heardNs.clear();
        disk.crash(random);
    }

    private long nowNs() {
        return clockOffsetNs + simulation.nowNs() * rate / 1_000;
    }

    void tick() {
        long term = term();
        boolean isAlone = isRunning() && membership().voters().equals(Set.of(id));
        run((running, nowNs, out) -> running.onTick(nowNs, out));
        require(term == term() || isAlone, () -> "a term begins unasked: " + this);
        if (isLeader()) {
            long sinceNs = nowNs() - SETTINGS.electionTimeoutNs();
            require(
                    membership()
                            .hasMajority(other -> other == id
                                    || leaderSinceNs - sinceNs >= 0
                                    || heardNs.getOrDefault(other, leaderSinceNs) - sinceNs >= 0),
                    () -> "leads, and hears no majority: " + this);
        }
    }

    void deliver(int fromId, RaftMessage message) {
        if (isRunning()) {
            heardNs.put(fromId, nowNs());
        }
        run((running, nowNs, out) -> running.onMessage(fromId, message, nowNs, out));
    }

    void complete(int inIncarnation, long write) {
        if (isRunning() && inIncarnation == incarnation) {
            disk.complete(write);
            run((running, nowNs, out) -> running.onPersisted(write, nowNs, out));
        }
    }

    void read(long readId) {
        long mustSee = invariants.committedIndex();
        run((running, nowNs, out) -> {
            if (running.read(readId, nowNs, out) == null) {
                reads.put(readId, mustSee);
            }
        });
    }

    /** At the last entry that was published. */
    void takeSnapshot() {
        if (publishedIndex > mirroredSnapshot.index()) {
            ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + random.nextInt(SNAPSHOT_BYTES_MAX));
            bytes.putInt(invariants.digest(publishedIndex));
            run((running, nowNs, out) -> running.onSnapshotTaken(publishedIndex, bytes.array(), nowNs, out));
        }
    }

    void run(Input input) {
        RaftCore running = core;
        if (running == null) {
            return;
        }
        long term = running.term();
        boolean wasLeader = running.isLeader();
        input.into(running, nowNs(), effects);
        require(running.term() >= term, () -> "the term goes back: " + this);
        require(running.commitIndex() >= commitIndex, () -> "the commit index goes back: " + this);
        if (running.isLeader() && running.commitIndex() > commitIndex) {
            RaftInvariants.onCommitted(this, running.commitIndex(), simulation.servers());
        }
        commitIndex = running.commitIndex();
        if (running.isLeader() && !wasLeader) {
            leaderSinceNs = nowNs();
            simulation.onElected(this);
        }
        if (simulation.carriesOut()) {
            effects.carryOut(this);
            require(running.lastIndex() == lastMirrored(), () -> "wishes do not make the log: " + this);
            if (isMirrorCut) {
                require(membership().equals(mirroredMembership()), () -> "not the log's members: " + this);
                isMirrorCut = false;
            }
            if (running.isLeader()) {
                invariants.onLeader(this, running.term());
            }
        }
        simulation.tickLater(this, running.idleNsMax(nowNs()));
    }

    /** When the clock of the simulation has gone on so far, its own has gone on by that. */
    long simulatedNs(long ownNs) {
        return ownNs * 1_000 / rate + 1;
    }

    private long lastMirrored() {
        return mirror.isEmpty() ? mirroredSnapshot.index() : mirror.lastKey();
    }

    private Membership mirroredMembership() {
        return mirror.descendingMap().values().stream()
                .filter(entry -> entry.content() instanceof Members)
                .map(entry -> ((Members) entry.content()).membership())
                .findFirst()
                .orElse(mirroredSnapshot.membership());
    }

    boolean mirrors(RaftEntry entry) {
        return entry.index() <= mirroredSnapshot.index() || entry.equals(mirror.get(entry.index()));
    }

    @Override
    public void persist(Ballot ballot) {
        disk.persist(ballot);
    }

    @Override
    public void truncateFrom(long index) {
        require(index > publishedIndex, () -> "truncates what is published: index=" + index + ", " + this);
        mirror.tailMap(index, true).clear();
        isMirrorCut = true;
        disk.truncateFrom(index);
    }

    @Override
    public void saveSnapshot(RaftSnapshot snapshot) {
        mirror.headMap(snapshot.index(), true).clear();
        mirroredSnapshot = snapshot;
        if (!mirror.isEmpty()) {
            invariants.onAppended(this, mirror.firstEntry().getValue(), snapshot.term());
        }
        disk.saveSnapshot(snapshot, random.nextBoolean());
    }

    @Override
    public void append(List<RaftEntry> entries) {
        for (RaftEntry entry : entries) {
            require(entry.index() == lastMirrored() + 1, () -> "appended with a gap: " + entry + ", " + this);
            RaftEntry last = mirror.get(entry.index() - 1);
            invariants.onAppended(this, entry, last == null ? mirroredSnapshot.term() : last.term());
            mirror.put(entry.index(), entry);
        }
        disk.append(entries);
    }

    @Override
    public void flush(long write) {
        disk.flush(write);
        simulation.completeLater(this, incarnation, write);
    }

    @Override
    public void send(int toId, RaftMessage message) {
        invariants.onSent(this, toId, message);
        simulation.send(id, toId, message);
    }

    @Override
    public void restore(RaftSnapshot snapshot) {
        require(snapshot.index() > publishedIndex, () -> "goes back: " + snapshot + ", " + this);
        require(
                ByteBuffer.wrap(snapshot.bytes()).getInt() == invariants.digest(snapshot.index()),
                () -> "a snapshot of something else: " + snapshot + ", " + this);
        publishedIndex = snapshot.index();
        restores++;
    }

    @Override
    public void publish(List<RaftEntry> entries) {
        for (RaftEntry entry : entries) {
            require(entry.index() == publishedIndex + 1, () -> "published with a gap: " + entry + ", " + this);
            require(disk.has(entry.index(), entry.term()), () -> "published, but not durable: " + entry + ", " + this);
            invariants.onPublished(this, entry);
            publishedIndex = entry.index();
        }
    }

    @Override
    public void onReadable(long readId) {
        Long mustSee = reads.remove(readId);
        require(mustSee != null, () -> "a read that nobody asked for: " + readId);
        require(publishedIndex >= mustSee, () -> "a read misses what was committed: mustSee=" + mustSee + ", " + this);
        readsDone++;
    }

    @Override
    public void onReadFailed(long readId) {
        require(reads.remove(readId) != null, () -> "a read that nobody asked for: " + readId);
    }

    int id() {
        return id;
    }

    SimulatedDisk disk() {
        return disk;
    }

    boolean isRunning() {
        return core != null;
    }

    boolean isLeader() {
        return core != null && core.isLeader();
    }

    int leaderId() {
        return core == null ? Ballot.NOBODY : core.leaderId();
    }

    long term() {
        return core == null ? 0 : core.term();
    }

    Membership membership() {
        return core == null ? Membership.UNKNOWN : core.membership();
    }

    long publishedIndex() {
        return publishedIndex;
    }

    /** Whether all that it has is published, and no read waits. */
    boolean isAtRest() {
        return core != null && core.lastIndex() == publishedIndex && reads.isEmpty();
    }

    NavigableMap<Long, RaftEntry> mirror() {
        return mirror;
    }

    int readsDone() {
        return readsDone;
    }

    int restores() {
        return restores;
    }

    @Override
    public String toString() {
        return "server " + id + (isLeader() ? ", leader" : "") + ", term=" + term() + ", commitIndex=" + commitIndex
                + ", publishedIndex=" + publishedIndex + ", lastIndex=" + lastMirrored() + ", " + membership();
    }
}
