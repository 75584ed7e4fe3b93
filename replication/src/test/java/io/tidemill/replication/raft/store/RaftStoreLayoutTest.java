package io.tidemill.replication.raft.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.replication.raft.Ballot;
import io.tidemill.replication.raft.Membership;
import io.tidemill.replication.raft.RaftEntry;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftSnapshot;
import io.tidemill.replication.raft.store.RaftStoreLayout.KeptSnapshot;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What lies on disks: later versions of Tidemill must find it. */
class RaftStoreLayoutTest {
    private static final Ballot BALLOT = new Ballot(3, 2);
    private static final KeptSnapshot SNAPSHOT =
            new KeptSnapshot(7, new RaftSnapshot(5, 2, new Membership(Set.of(1, 3), Set.of(2)), new byte[] {10, 11}));
    private static final RaftEntry ENTRY = new RaftEntry(5, 2, new Proposal(new byte[] {10, 11}));

    private static final String BALLOT_BYTES = "00 0000000000000003 00000002";
    private static final String SNAPSHOT_BYTES =
            "00 00000007 0000000000000005 0000000000000002" + "00000002 00000001 00000003 00000001 00000002" + "0a0b";
    private static final String ENTRY_BYTES = "0000000000000002 01 00000002 0a0b";

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static void assertBytes(String expected, byte[] bytes) {
        assertEquals(expected.replace(" ", ""), HexFormat.of().formatHex(bytes));
    }

    @Test
    void writesTheSameBytesForEver() {
        assertBytes(BALLOT_BYTES, RaftStoreLayout.bytes(BALLOT));
        assertBytes(SNAPSHOT_BYTES, RaftStoreLayout.bytes(SNAPSHOT));
        assertBytes(ENTRY_BYTES, RaftStoreLayout.bytes(ENTRY));
    }

    @Test
    void readsWhatWasWritten() {
        assertEquals(BALLOT, RaftStoreLayout.ballot(bytes(BALLOT_BYTES)));
        assertEquals(SNAPSHOT, RaftStoreLayout.snapshot(bytes(SNAPSHOT_BYTES)));
        assertEquals(ENTRY, RaftStoreLayout.entry(bytes(ENTRY_BYTES), 5));
    }

    @Test
    void refusesAnotherVersion() {
        assertThrows(
                CorruptRecordException.class, () -> RaftStoreLayout.ballot(bytes("01" + BALLOT_BYTES.substring(2))));
        assertThrows(
                CorruptRecordException.class,
                () -> RaftStoreLayout.snapshot(bytes("01" + SNAPSHOT_BYTES.substring(2))));
    }

    @Test
    void refusesWhatIsNotWholeOrMore() {
        byte[] ballot = bytes(BALLOT_BYTES);
        byte[] snapshot = bytes(SNAPSHOT_BYTES);
        byte[] entry = bytes(ENTRY_BYTES);

        for (int length = 0; length < ballot.length; length++) {
            byte[] part = Arrays.copyOf(ballot, length);
            assertThrows(CorruptRecordException.class, () -> RaftStoreLayout.ballot(part));
        }
        for (int length = 0; length < snapshot.length - 2; length++) {
            byte[] part = Arrays.copyOf(snapshot, length);
            assertThrows(CorruptRecordException.class, () -> RaftStoreLayout.snapshot(part));
        }
        for (int length = 0; length < entry.length; length++) {
            byte[] part = Arrays.copyOf(entry, length);
            assertThrows(CorruptRecordException.class, () -> RaftStoreLayout.entry(part, 5));
        }
        assertThrows(
                CorruptRecordException.class, () -> RaftStoreLayout.ballot(Arrays.copyOf(ballot, ballot.length + 1)));
        assertThrows(
                CorruptRecordException.class, () -> RaftStoreLayout.entry(Arrays.copyOf(entry, entry.length + 1), 5));
    }
}
