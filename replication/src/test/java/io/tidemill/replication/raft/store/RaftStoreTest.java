package io.tidemill.replication.raft.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.batch.Batches;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import io.tidemill.replication.raft.Ballot;
import io.tidemill.replication.raft.Membership;
import io.tidemill.replication.raft.Persisted;
import io.tidemill.replication.raft.RaftEntry;
import io.tidemill.replication.raft.RaftEntry.Members;
import io.tidemill.replication.raft.RaftEntry.NoOp;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftSnapshot;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.LossyStorage;
import io.tidemill.spi.PartitionLog;
import java.util.List;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is durable of a server of a cluster, and where it lies. */
class RaftStoreTest {
    private static final Membership MEMBERSHIP = Membership.ofVoters(1, 2, 3);
    private static final String FIRST_LOG = "__cluster_metadata-1";

    static {
        JvmAccess.ensureAgrona();
    }

    private final LossyStorage storage = new LossyStorage();
    private LogStore store = storage.open();
    private RaftStore raft = new RaftStore(store, MEMBERSHIP);

    @AfterEach
    void close() {
        raft.close();
        store.close();
    }

    private static RaftEntry entry(long index, long term) {
        return new RaftEntry(index, term, new Proposal(new byte[] {(byte) index}));
    }

    private static RaftSnapshot snapshot(long index) {
        return new RaftSnapshot(index, 1, MEMBERSHIP, new byte[] {(byte) index});
    }

    /** The worst that can happen to what is not durable. */
    private Persisted foundAfterCrash() {
        raft.close();
        storage.crash(() -> 0);
        store = storage.open();
        raft = new RaftStore(store, Membership.UNKNOWN);
        return raft.read();
    }

    @Test
    void beginsWithTheFirstMembersAndStaysWithThem() {
        assertEquals(Persisted.nothing(MEMBERSHIP), raft.read());
        assertEquals(Persisted.nothing(MEMBERSHIP), foundAfterCrash());
    }

    @Test
    void keepsBallotAndEntriesOfEveryKind() {
        List<RaftEntry> entries = List.of(
                new RaftEntry(1, 1, new NoOp()),
                entry(2, 1),
                new RaftEntry(3, 2, new Members(new Membership(Set.of(1), Set.of(2)))),
                new RaftEntry(4, Long.MAX_VALUE, new Proposal(new byte[0])));

        raft.persist(new Ballot(7, 2));
        raft.append(entries);
        raft.flush();

        assertEquals(new Persisted(new Ballot(7, 2), RaftSnapshot.beginning(MEMBERSHIP), entries), foundAfterCrash());
    }

    @Test
    void appendsAreDurableOnceTheyAreFlushed() {
        raft.append(List.of(entry(1, 1)));
        raft.flush();
        raft.append(List.of(entry(2, 1)));

        assertEquals(List.of(entry(1, 1)), foundAfterCrash().entries());
    }

    @Test
    void cutsOffNoMoreThanItIsToldTo() {
        raft.append(List.of(entry(1, 1), entry(2, 1), entry(3, 1)));
        raft.flush();

        raft.truncateFrom(3);

        assertEquals(List.of(entry(1, 1), entry(2, 1)), foundAfterCrash().entries());
    }

    @Test
    void cutsOffNothingWhereThereIsNothing() {
        raft.append(List.of(entry(1, 1)));
        raft.flush();

        raft.truncateFrom(2);
        raft.truncateFrom(9);

        assertEquals(List.of(entry(1, 1)), foundAfterCrash().entries());
    }

    @Test
    void aSnapshotTakesThePlaceOfTheEntriesInFrontOfIt() {
        raft.append(List.of(entry(1, 1), entry(2, 1), entry(3, 1), entry(4, 1)));
        raft.flush();

        raft.saveSnapshot(snapshot(2));

        assertEquals(new Persisted(Ballot.NONE, snapshot(2), List.of(entry(3, 1), entry(4, 1))), foundAfterCrash());
        assertEquals(Set.of("__cluster_metadata-2"), store.logNames());
    }

    @Test
    void goesOnBehindASnapshot() {
        raft.append(List.of(entry(1, 1), entry(2, 1), entry(3, 1)));
        raft.flush();
        raft.saveSnapshot(snapshot(2));

        raft.truncateFrom(3);
        raft.append(List.of(entry(3, 2), entry(4, 2)));
        raft.flush();

        assertEquals(new Persisted(Ballot.NONE, snapshot(2), List.of(entry(3, 2), entry(4, 2))), foundAfterCrash());
    }

    @Test
    void aSnapshotOfMoreThanThereIsTakesThePlaceOfAll() {
        raft.append(List.of(entry(1, 1), entry(2, 1)));
        raft.flush();

        raft.saveSnapshot(snapshot(9));
        raft.append(List.of(entry(10, 2)));
        raft.flush();

        assertEquals(new Persisted(Ballot.NONE, snapshot(9), List.of(entry(10, 2))), foundAfterCrash());
    }

    @Test
    void refusesEntriesWithAGap() {
        assertThrows(IllegalArgumentException.class, () -> raft.append(List.of(entry(2, 1))));
    }

    @Test
    void refusesASnapshotOfLessThanTheOneBefore() {
        raft.saveSnapshot(snapshot(5));

        assertThrows(IllegalArgumentException.class, () -> raft.saveSnapshot(snapshot(4)));
    }

    @Test
    void leavesTheMetadataOfASingleBrokerAlone() {
        append("__cluster_metadata-0", Batches.numbered(0, 5));

        foundAfterCrash();

        assertEquals(Set.of("__cluster_metadata-0", FIRST_LOG), store.logNames());
    }

    @Test
    void refusesWhatIsNoEntryOfItsOwn() {
        raft.close();
        append(FIRST_LOG, Batches.numbered(0, 2));
        raft = new RaftStore(store, MEMBERSHIP);

        assertThrows(CorruptRecordException.class, raft::read);
    }

    @Test
    void refusesEntriesWhoseSnapshotIsGone() {
        LossyStorage other = new LossyStorage();
        try (LogStore otherStore = other.open()) {
            otherStore.openLog(FIRST_LOG).close();

            assertThrows(StorageException.class, () -> new RaftStore(otherStore, MEMBERSHIP));
        }
    }

    @Test
    void refusesToBelieveThatItNeverVoted() {
        LossyStorage other = new LossyStorage();
        try (LogStore otherStore = other.open()) {
            byte[] snapshot = store.stateFile("__cluster_metadata.snapshot").read();
            otherStore.stateFile("__cluster_metadata.snapshot").write(snapshot);

            assertThrows(StorageException.class, () -> new RaftStore(otherStore, MEMBERSHIP));
        }
    }

    private void append(String name, DirectBuffer batch) {
        try (PartitionLog log = store.openLog(name)) {
            log.append(batch, 0, batch.capacity());
        }
    }
}
