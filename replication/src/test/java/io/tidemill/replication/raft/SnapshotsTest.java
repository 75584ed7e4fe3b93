package io.tidemill.replication.raft;

import static io.tidemill.replication.raft.StagedCore.HEARTBEAT_NS;
import static io.tidemill.replication.raft.StagedCore.THREE;
import static io.tidemill.replication.raft.StagedCore.append;
import static io.tidemill.replication.raft.StagedCore.entries;
import static io.tidemill.replication.raft.StagedCore.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.replication.raft.RaftEntry.Members;
import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRefusal;
import io.tidemill.replication.raft.RaftMessage.AppendRequest;
import io.tidemill.replication.raft.RaftMessage.ChunkAck;
import io.tidemill.replication.raft.RaftMessage.SnapshotChunk;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A snapshot in place of entries: taken, sent, and installed. */
class SnapshotsTest {
    private static final byte[] BYTES = bytes(40);

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static SnapshotChunk chunk(long term, int position, int endPosition) {
        return new SnapshotChunk(
                term, 0, 5, 2, THREE, BYTES.length, position, Arrays.copyOfRange(BYTES, position, endPosition));
    }

    @Test
    void takesThePlaceOfEntries() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, append(1, 0, 0, 2, entries(1, 1, 1, 1)));

        staged.takeSnapshot(2, (byte) 7);

        assertEquals(new RaftSnapshot(2, 1, THREE, new byte[] {7}), staged.saved);
        assertEquals(List.of(entry(3, 1)), staged.log);
        assertEquals(3, staged.core().lastIndex());
    }

    @Test
    void knowsTheMembersAsOfItsIndex() {
        StagedCore staged = StagedCore.of(THREE);
        Membership four = Membership.ofVoters(1, 2, 3, 4);
        Membership five = Membership.ofVoters(1, 2, 3, 4, 5);
        staged.say(
                2,
                append(
                        1,
                        0,
                        0,
                        2,
                        new RaftEntry(1, 1, new Members(four)),
                        entry(2, 1),
                        new RaftEntry(3, 1, new Members(five))));

        staged.takeSnapshot(2);

        assertEquals(new RaftSnapshot(2, 1, four, new byte[0]), staged.saved);
        assertEquals(five, staged.core().membership());
    }

    @Test
    void isTakenOfWhatIsPublishedOnly() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, append(1, 0, 0, 2, entries(1, 1, 1, 1)));

        assertThrows(IllegalArgumentException.class, () -> staged.takeSnapshot(3));
    }

    @Test
    void anOlderOneChangesNothing() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, append(1, 0, 0, 2, entries(1, 1, 1)));
        staged.takeSnapshot(2, (byte) 7);

        staged.takeSnapshot(1, (byte) 8);

        assertEquals(new RaftSnapshot(2, 1, THREE, new byte[] {7}), staged.saved);
    }

    @Test
    void goesInChunksToAFollowerThatLacksWhatIsGone() {
        StagedCore staged = StagedCore.leader();
        staged.propose(2);
        staged.say(2, new AppendAck(1, 0, 2));
        staged.takeSnapshot(2, BYTES);
        staged.takeSent(3);

        staged.say(3, new AppendRefusal(1, 0, 2, 0, 0));
        assertEquals(
                List.of(new SnapshotChunk(1, 0, 2, 1, THREE, 40, 0, Arrays.copyOf(BYTES, 28))), staged.takeSent(3));
        staged.say(3, new ChunkAck(1, 0, 2, 28));
        assertEquals(
                List.of(new SnapshotChunk(1, 0, 2, 1, THREE, 40, 28, Arrays.copyOfRange(BYTES, 28, 40))),
                staged.takeSent(3));
        staged.propose(3);
        assertEquals(List.of(), staged.takeSent(3));
        staged.say(3, new AppendAck(1, 0, 2));

        assertEquals(List.of(append(1, 2, 1, 2, entry(3, 1))), staged.takeSent(3));
    }

    @Test
    void aChunkThatGotLostIsSentAgain() {
        StagedCore staged = StagedCore.leader();
        staged.takeSnapshot(1, BYTES);
        staged.change(new MembershipChange.AddLearner(4));
        staged.say(4, new AppendRefusal(1, 0, 1, 0, 0));
        RaftMessage first = staged.takeSent(4).get(1);

        staged.pass(HEARTBEAT_NS);

        assertEquals(List.of(first), staged.takeSent(4));
    }

    @Test
    void replacesALogThatContradictsIt() {
        StagedCore staged = StagedCore.withTerms(1, 1, 1, 1, 1, 1, 1);

        staged.say(2, chunk(3, 0, 28));
        assertEquals(List.of(new ChunkAck(3, 0, 5, 28)), staged.takeSent(2));
        staged.say(2, chunk(3, 28, 40));

        assertEquals(List.of(new AppendAck(3, 0, 5)), staged.takeSent(2));
        assertEquals(List.of(), staged.log);
        assertEquals(5, staged.core().lastIndex());
        assertEquals(new RaftSnapshot(5, 2, THREE, BYTES), staged.restored);
    }

    @Test
    void isRestoredAndAcknowledgedWhenItIsDurable() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, append(3, 0, 0, 1, entry(1, 1)));
        staged.takeSent(2);
        staged.isDiskFast = false;

        staged.say(2, chunk(3, 0, 28));
        staged.say(2, chunk(3, 28, 40));
        staged.say(2, append(3, 5, 2, 6, entry(6, 3)));
        assertNull(staged.restored);
        assertEquals(List.of(new ChunkAck(3, 0, 5, 28)), staged.takeSent(2));
        staged.persistAll();

        assertEquals(new RaftSnapshot(5, 2, THREE, BYTES), staged.restored);
        assertEquals(List.of(entry(1, 1), entry(6, 3)), staged.published);
    }

    @Test
    void commitsWhereTheLogAgreesAnywayAndKeepsIt() {
        StagedCore staged = StagedCore.withTerms(1, 1, 1, 2, 2, 2);

        staged.say(2, chunk(3, 0, 28));

        assertEquals(List.of(new AppendAck(3, 0, 5)), staged.takeSent(2));
        assertEquals(6, staged.core().lastIndex());
        assertEquals(5, staged.published.size());
    }

    @Test
    void takesEachChunkOnceAndInOrder() {
        StagedCore staged = StagedCore.of(THREE);

        staged.say(2, chunk(3, 28, 40));
        staged.say(2, chunk(3, 0, 28));
        staged.say(2, chunk(3, 0, 28));
        staged.say(2, chunk(3, 28, 40));

        assertEquals(
                List.of(
                        new ChunkAck(3, 0, 5, 0),
                        new ChunkAck(3, 0, 5, 28),
                        new ChunkAck(3, 0, 5, 28),
                        new AppendAck(3, 0, 5)),
                staged.takeSent(2));
        assertEquals(new RaftSnapshot(5, 2, THREE, BYTES), staged.restored);
    }

    @Test
    void chunksOfTwoLeadersAreNotMixed() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, chunk(3, 0, 28));

        staged.say(3, chunk(4, 28, 40));

        assertEquals(List.of(new ChunkAck(4, 0, 5, 0)), staged.takeSent(3));
    }

    @Test
    void startsAgainFromWhatWasFlushed() {
        RaftSnapshot snapshot = new RaftSnapshot(5, 2, THREE, BYTES);
        List<RaftEntry> found = List.of(entries(4, 1, 1, 3));
        StagedCore staged = new StagedCore(new Persisted(new Ballot(3, 2), snapshot, found));

        staged.say(2, new AppendRequest(3, 0, 5, 2, 6, List.of()));
        assertEquals(List.of(), staged.published);
        staged.say(2, new AppendRequest(3, 0, 6, 3, 6, List.of()));

        assertEquals(List.of(entry(6, 3)), staged.published);
    }
}
