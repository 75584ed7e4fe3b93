package io.tidemill.replication.raft;

import io.tidemill.replication.raft.RaftEntry.Members;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The log as the core sees it: a snapshot, and in memory all entries behind it, durable or not. It knows the members as of each index.
 */
final class RaftLogView {
    private static final long UNKNOWN_TERM = -1;

    private RaftSnapshot snapshot;
    private final List<RaftEntry> entries = new ArrayList<>();
    private final NavigableMap<Long, Membership> memberships = new TreeMap<>();

    /** As it was found; what the snapshot has does not count any more. */
    RaftLogView(RaftSnapshot snapshot, List<RaftEntry> found) {
        this.snapshot = snapshot;
        memberships.put(snapshot.index(), snapshot.membership());
        found.stream().filter(entry -> entry.index() > snapshot.index()).forEach(this::append);
    }

    RaftSnapshot snapshot() {
        return snapshot;
    }

    long lastIndex() {
        return snapshot.index() + entries.size();
    }

    long lastTerm() {
        return termAt(lastIndex());
    }

    private long termAt(long index) {
        if (index == snapshot.index()) {
            return snapshot.term();
        }
        return index < snapshot.index() || index > lastIndex()
                ? UNKNOWN_TERM
                : at(index).term();
    }

    private RaftEntry at(long index) {
        return entries.get((int) (index - snapshot.index() - 1));
    }

    /** Whether the entry is known to be there; of those that are in the snapshot, only the last one is. */
    boolean has(long index, long term) {
        return termAt(index) == term;
    }

    /** The term there; nothing in front of the snapshot's last entry or behind the end may be asked for. */
    long requireTerm(long index) {
        long term = termAt(index);
        if (term == UNKNOWN_TERM) {
            throw new IllegalStateException("not in the log: index=" + index + ", snapshotIndex=" + snapshot.index()
                    + ", lastIndex=" + lastIndex());
        }
        return term;
    }

    /** Whether a log that ends so has all that may be committed here. */
    boolean isReachedBy(long otherLastIndex, long otherLastTerm) {
        return otherLastTerm > lastTerm() || (otherLastTerm == lastTerm() && otherLastIndex >= lastIndex());
    }

    /** The last index, not behind the given one, whose term is not newer; what the snapshot has is not looked into. */
    long lastIndexUpToTerm(long index, long term) {
        long candidate = Math.min(index, lastIndex());
        while (candidate > snapshot.index() && termAt(candidate) > term) {
            candidate--;
        }
        return candidate;
    }

    /** Both inclusive. */
    List<RaftEntry> between(long firstIndex, long lastIndex) {
        return List.copyOf(
                entries.subList((int) (firstIndex - snapshot.index() - 1), (int) (lastIndex - snapshot.index())));
    }

    /** From there on as many as fit, at least one if there is one. */
    List<RaftEntry> batchFrom(long firstIndex, int bytesMax) {
        long bytes = 0;
        long index = firstIndex;
        while (index <= lastIndex()) {
            bytes += RaftEntryLayout.bytes(at(index));
            if (bytes > bytesMax && index > firstIndex) {
                break;
            }
            index++;
        }
        return between(firstIndex, index - 1);
    }

    void append(RaftEntry entry) {
        if (entry.index() != lastIndex() + 1) {
            throw new IllegalStateException("a gap in the log: index=" + entry.index() + ", lastIndex=" + lastIndex());
        }
        entries.add(entry);
        if (entry.content() instanceof Members members) {
            memberships.put(entry.index(), members.membership());
        }
    }

    void truncateFrom(long index) {
        entries.subList((int) (index - snapshot.index() - 1), entries.size()).clear();
        memberships.tailMap(index, true).clear();
    }

    /** The snapshot's place up to that index is taken by a newer one. */
    RaftSnapshot compact(long index, byte[] bytes) {
        RaftSnapshot newer = new RaftSnapshot(index, requireTerm(index), membershipAt(index), bytes);
        entries.subList(0, (int) (index - snapshot.index())).clear();
        snapshot = newer;
        memberships.headMap(index, true).clear();
        memberships.put(index, newer.membership());
        return newer;
    }

    /** Nothing that was there counts any more. */
    void install(RaftSnapshot newer) {
        entries.clear();
        snapshot = newer;
        memberships.clear();
        memberships.put(newer.index(), newer.membership());
    }

    /** The newest, committed or not. */
    Membership membership() {
        return memberships.lastEntry().getValue();
    }

    /** Since when. */
    long membershipIndex() {
        return memberships.lastKey();
    }

    /** Not in front of the snapshot's index. */
    Membership membershipAt(long index) {
        return memberships.floorEntry(index).getValue();
    }
}
