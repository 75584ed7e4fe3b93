package io.tidemill.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.replication.raft.RaftEntry.Members;
import io.tidemill.replication.raft.RaftEntry.NoOp;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRefusal;
import io.tidemill.replication.raft.RaftMessage.AppendRequest;
import io.tidemill.replication.raft.RaftMessage.ChunkAck;
import io.tidemill.replication.raft.RaftMessage.NewerTerm;
import io.tidemill.replication.raft.RaftMessage.SnapshotChunk;
import io.tidemill.replication.raft.RaftMessage.TimeoutNow;
import io.tidemill.replication.raft.RaftMessage.VoteGrant;
import io.tidemill.replication.raft.RaftMessage.VoteRequest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Messages as bytes: servers of different versions of Tidemill must understand each other. */
class RaftMessageLayoutTest {
    private static final Membership MEMBERSHIP = new Membership(Set.of(1, 3), Set.of(2));
    private static final String MEMBERSHIP_BYTES = "00000002 00000001 00000003 00000001 00000002";
    private static final List<RaftEntry> ENTRIES = List.of(
            new RaftEntry(5, 2, new Proposal(new byte[] {10, 11})),
            new RaftEntry(6, 3, new NoOp()),
            new RaftEntry(7, 3, new Members(MEMBERSHIP)));

    private static final Map<RaftMessage, String> MESSAGES = messages();

    private static Map<RaftMessage, String> messages() {
        Map<RaftMessage, String> messages = new LinkedHashMap<>();
        messages.put(new VoteRequest(3, true, 4, 2), "00 01 0000000000000003 01 0000000000000004 0000000000000002");
        messages.put(new VoteGrant(3, false), "00 02 0000000000000003 00");
        messages.put(
                new AppendRequest(3, 9, 4, 2, 1, ENTRIES),
                "00 03 0000000000000003 0000000000000009 0000000000000004 0000000000000002 0000000000000001 00000003"
                        + "0000000000000002 01 00000002 0a0b"
                        + "0000000000000003 02 00000000"
                        + "0000000000000003 03 00000014" + MEMBERSHIP_BYTES);
        messages.put(new AppendAck(3, 9, 4), "00 04 0000000000000003 0000000000000009 0000000000000004");
        messages.put(
                new AppendRefusal(3, 9, 4, 2, 1),
                "00 05 0000000000000003 0000000000000009 0000000000000004 0000000000000002 0000000000000001");
        messages.put(
                new SnapshotChunk(3, 9, 4, 2, MEMBERSHIP, 7, 5, new byte[] {10, 11}),
                "00 06 0000000000000003 0000000000000009 0000000000000004 0000000000000002" + MEMBERSHIP_BYTES
                        + "00000007 00000005 00000002 0a0b");
        messages.put(new ChunkAck(3, 9, 4, 5), "00 07 0000000000000003 0000000000000009 0000000000000004 00000005");
        messages.put(new TimeoutNow(3), "00 08 0000000000000003");
        messages.put(new NewerTerm(3), "00 09 0000000000000003");
        return messages;
    }

    @Test
    void comesBackAsItWas() {
        MESSAGES.keySet()
                .forEach(message -> assertEquals(message, RaftMessageLayout.message(RaftMessageLayout.bytes(message))));
    }

    @Test
    void writesTheSameBytesForEver() {
        MESSAGES.forEach((message, bytes) ->
                assertEquals(bytes.replace(" ", ""), HexFormat.of().formatHex(RaftMessageLayout.bytes(message))));
    }

    @Test
    void knowsHowLongEntriesAre() {
        int head = RaftMessageLayout.bytes(new AppendRequest(3, 9, 4, 2, 1, List.of())).length;

        for (int count = 0; count <= ENTRIES.size(); count++) {
            List<RaftEntry> some = ENTRIES.subList(0, count);
            int entryBytes = some.stream().mapToInt(RaftEntryLayout::bytes).sum();
            assertEquals(head + entryBytes, RaftMessageLayout.bytes(new AppendRequest(3, 9, 4, 2, 1, some)).length);
        }
    }

    @Test
    void refusesWhatItDoesNotKnowOrIsNotWhole() {
        for (RaftMessage message : MESSAGES.keySet()) {
            byte[] bytes = RaftMessageLayout.bytes(message);
            for (int length = 0; length < bytes.length; length++) {
                assertRefused(Arrays.copyOf(bytes, length));
            }
            assertRefused(Arrays.copyOf(bytes, bytes.length + 1));
            assertRefused(changed(bytes, 0, 1));
            assertRefused(changed(bytes, 1, 10));
        }
        byte[] append = RaftMessageLayout.bytes(new AppendRequest(3, 9, 4, 2, 1, ENTRIES));
        assertRefused(changed(append, 54, 4));
    }

    private static byte[] changed(byte[] bytes, int at, int to) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) to;
        return changed;
    }

    private static void assertRefused(byte[] bytes) {
        assertThrows(CorruptRecordException.class, () -> RaftMessageLayout.message(bytes));
    }
}
