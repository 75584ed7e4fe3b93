package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.log.ChronicleLog;
import io.tidemill.replication.raft.Ballot;
import io.tidemill.replication.raft.Membership;
import io.tidemill.replication.raft.Persisted;
import io.tidemill.replication.raft.RaftEntry;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftSnapshot;
import io.tidemill.replication.raft.store.RaftStore;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.Storage;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server of a cluster must not forget, in a directory. */
class RaftStoreOnDiskTest {
    private static final Membership MEMBERSHIP = Membership.ofVoters(1, 2, 3);
    private static final Ballot BALLOT = new Ballot(2, 1);
    private static final RaftSnapshot SNAPSHOT = new RaftSnapshot(2, 1, MEMBERSHIP, new byte[] {7});

    @TempDir
    private Path data;

    private static RaftEntry entry(long index, long term) {
        return new RaftEntry(index, term, new Proposal(new byte[] {(byte) index}));
    }

    @Test
    void isThereWhenItIsOpenedAgain() {
        Storage storage = ChronicleLog.at(data);
        try (LogStore store = storage.open(new ManualClock());
                RaftStore raft = new RaftStore(store, MEMBERSHIP)) {
            raft.append(List.of(entry(1, 1), entry(2, 1), entry(3, 1), entry(4, 1)));
            raft.flush();
            raft.persist(BALLOT);
            raft.truncateFrom(4);
            raft.saveSnapshot(SNAPSHOT);
            raft.append(List.of(entry(4, 2)));
            raft.flush();
        }

        try (LogStore store = storage.open(new ManualClock());
                RaftStore raft = new RaftStore(store, Membership.UNKNOWN)) {
            assertEquals(new Persisted(BALLOT, SNAPSHOT, List.of(entry(3, 1), entry(4, 2))), raft.read());
            assertEquals(Set.of("__cluster_metadata-2"), store.logNames());
        }
    }
}
