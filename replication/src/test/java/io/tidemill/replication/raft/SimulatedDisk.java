package io.tidemill.replication.raft;

import io.tidemill.replication.raft.store.RaftStore;
import io.tidemill.spi.LossyStorage;
import java.util.ArrayDeque;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what it is asked for when it gets to it. A crash finds it anywhere between two wishes, but never changes their order. There
 * may be a {@link RaftStore} on it; then it has, after a crash, what that has found.
 */
final class SimulatedDisk {
    private final @Nullable StoredWishes stored;
    private Ballot ballot = Ballot.NONE;
    private RaftSnapshot snapshot;
    private final NavigableMap<Long, RaftEntry> entries = new TreeMap<>();
    private final ArrayDeque<Wish> wishes = new ArrayDeque<>();
    private long completedWrite;

    /** @param write the flush that this is, or 0 */
    private record Wish(long write, Runnable change) {}

    SimulatedDisk(Membership membership, boolean isStored) {
        this.stored = isStored ? new StoredWishes(membership) : null;
        this.snapshot = RaftSnapshot.beginning(membership);
    }

    void persist(Ballot newBallot) {
        wish(() -> ballot = newBallot, store -> store.persist(newBallot));
    }

    /** @param keepsEntries whether those in front of it stay, as they may */
    void saveSnapshot(RaftSnapshot newSnapshot, boolean keepsEntries) {
        wish(
                () -> {
                    snapshot = newSnapshot;
                    if (!keepsEntries) {
                        entries.headMap(newSnapshot.index(), true).clear();
                    }
                },
                store -> store.saveSnapshot(newSnapshot));
    }

    void truncateFrom(long index) {
        wish(() -> entries.tailMap(index, true).clear(), store -> store.truncateFrom(index));
    }

    void append(List<RaftEntry> appended) {
        appended.forEach(entry -> wish(() -> entries.put(entry.index(), entry), store -> store.append(List.of(entry))));
    }

    private void wish(Runnable change, Consumer<RaftStore> storedChange) {
        wish(0, change, storedChange);
    }

    void flush(long write) {
        wish(write, () -> {}, RaftStore::flush);
    }

    private void wish(long write, Runnable change, Consumer<RaftStore> storedChange) {
        wishes.add(new Wish(write, () -> {
            change.run();
            if (stored != null) {
                storedChange.accept(stored.store());
            }
        }));
    }

    /** Comes to that flush, and no further. */
    void complete(long write) {
        while (completedWrite < write) {
            Wish wish = wishes.remove();
            wish.change().run();
            completedWrite = Math.max(completedWrite, wish.write());
        }
    }

    /** Of what was not flushed, nothing is kept, or some from the front. */
    void crash(SplittableRandom random) {
        for (int left = random.nextInt(wishes.size() + 1); left > 0; left--) {
            wishes.remove().change().run();
        }
        wishes.clear();
        completedWrite = 0;
        if (stored != null) {
            Persisted found = stored.crash(random);
            ballot = found.ballot();
            snapshot = found.snapshot();
            entries.clear();
            found.entries().forEach(entry -> entries.put(entry.index(), entry));
        }
    }

    Persisted persisted() {
        return new Persisted(ballot, snapshot, List.copyOf(entries.values()));
    }

    /** Whether it is there whatever happens. */
    boolean has(long index, long term) {
        RaftEntry entry = entries.get(index);
        return index <= snapshot.index() || (entry != null && entry.term() == term);
    }

    /** A store that is opened again after each crash. */
    private static final class StoredWishes {
        private final LossyStorage storage = new LossyStorage();
        private RaftStore store;

        StoredWishes(Membership membership) {
            store = new RaftStore(storage.open(), membership);
        }

        RaftStore store() {
            return store;
        }

        Persisted crash(SplittableRandom random) {
            store.close();
            storage.crash(random);
            store = new RaftStore(storage.open(), Membership.UNKNOWN);
            return store.read();
        }
    }
}
