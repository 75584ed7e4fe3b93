package io.tidemill.replication.raft;

import static io.tidemill.replication.raft.StagedCore.ELECTION_NS;
import static io.tidemill.replication.raft.StagedCore.THREE;
import static io.tidemill.replication.raft.StagedCore.append;
import static io.tidemill.replication.raft.StagedCore.entries;
import static io.tidemill.replication.raft.StagedCore.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRefusal;
import io.tidemill.replication.raft.RaftMessage.VoteGrant;
import io.tidemill.replication.raft.RaftMessage.VoteRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** L01: a follower's log becomes the leader's. */
class FollowingTest {
    @Test
    void takesEntriesBehindOneThatItHas() {
        StagedCore staged = StagedCore.withTerms(1, 1);

        staged.say(2, append(2, 2, 1, 0, entries(3, 1, 2)));

        assertEquals(List.of(entries(1, 1, 1, 1, 2)), staged.log);
        assertEquals(List.of(new AppendAck(2, 0, 4)), staged.takeSent(2));
        assertEquals(2, staged.core().leaderId());
    }

    @Test
    void acknowledgesWhatIsFlushed() {
        StagedCore staged = StagedCore.of(THREE);
        staged.isDiskFast = false;

        staged.say(2, append(1, 0, 0, 1, entry(1, 1)));
        staged.say(2, append(1, 1, 1, 1));
        assertEquals(List.of(), staged.takeSent(2));
        assertEquals(List.of(), staged.published);
        staged.persistAll();

        assertEquals(List.of(new AppendAck(1, 0, 1), new AppendAck(1, 0, 1)), staged.takeSent(2));
        assertEquals(List.of(entry(1, 1)), staged.published);
    }

    @Test
    void whatWasCutAndWrittenAnewIsNotPublishedByTheOldFlush() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, append(1, 0, 0, 0, entries(1, 1, 1)));
        staged.isDiskFast = false;

        staged.say(3, append(2, 1, 1, 2, entry(2, 2)));
        assertEquals(List.of(entry(1, 1)), staged.published);
        staged.persistAll();

        assertEquals(List.of(entry(1, 1), entry(2, 2)), staged.published);
    }

    @Test
    void whileTheDiskStandsStillNoMoreIsHeldBackThanThereIsRoomFor() {
        StagedCore staged = StagedCore.of(THREE);
        staged.isDiskFast = false;

        for (int i = 0; i < 1_100; i++) {
            staged.say(2, append(1, 0, 0, 0));
        }
        assertEquals(List.of(), staged.takeSent(2));
        staged.persistAll();

        assertEquals(1_000, staged.takeSent(2).size());
    }

    @Test
    void refusesWhatFollowsAnEntryThatItLacks() {
        StagedCore staged = StagedCore.withTerms(1, 1);

        staged.say(2, append(2, 3, 1, 0, entry(4, 2)));

        assertEquals(List.of(new AppendRefusal(2, 0, 3, 2, 1)), staged.takeSent(2));
        assertEquals(2, staged.core().lastIndex());
    }

    @Test
    void refusesWhatFollowsAnotherEntryAndSkipsTheTermsThatCannotAgree() {
        StagedCore staged = StagedCore.withTerms(1, 1, 3, 3, 4);

        staged.say(2, append(5, 5, 2, 0, entry(6, 5)));

        assertEquals(List.of(new AppendRefusal(5, 0, 5, 2, 1)), staged.takeSent(2));
    }

    @Test
    void cutsItsLogWhereItContradicts() {
        StagedCore staged = StagedCore.withTerms(1, 2, 2, 2);

        staged.say(2, append(3, 1, 1, 0, entries(2, 2, 3)));

        assertEquals(List.of(entries(1, 1, 2, 3)), staged.log);
    }

    @Test
    void aLateMessageCutsNothing() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, append(1, 0, 0, 0, entries(1, 1, 1, 1)));

        staged.say(2, append(1, 0, 0, 0, entry(1, 1)));

        assertEquals(List.of(entries(1, 1, 1, 1)), staged.log);
    }

    @Test
    void commitsNoFurtherThanTheLeaderHasSent() {
        StagedCore staged = StagedCore.withTerms(1, 1, 1, 1);

        staged.say(2, append(2, 2, 1, 4));
        assertEquals(List.of(entries(1, 1, 1)), staged.published);
        staged.say(2, append(2, 2, 1, 4, entries(3, 2, 2)));

        assertEquals(List.of(entries(1, 1, 1, 2, 2)), staged.published);
    }

    @Test
    void whatIsCommittedIsNotCompared() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, append(1, 0, 0, 3, entries(1, 1, 1, 1)));
        staged.takeSnapshot(3, (byte) 9);
        staged.takeSent(2);

        staged.say(2, append(1, 1, 1, 3, entries(2, 1, 1)));

        assertEquals(List.of(new AppendAck(1, 0, 3)), staged.takeSent(2));
    }

    @Test
    void waitsForAnElectionFromTheLeadersLastWord() {
        StagedCore staged = StagedCore.of(THREE);

        staged.pass(ELECTION_NS - 1);
        staged.say(2, append(1, 0, 0, 0));
        staged.takeSent(3);
        staged.pass(ELECTION_NS - 1);
        assertEquals(List.of(), staged.takeSent(3));
        staged.pass(1);

        assertEquals(List.of(new VoteRequest(2, true, 0, 0)), staged.takeSent(3));
    }

    @Test
    void aCandidateFollowsTheLeaderOfItsTerm() {
        StagedCore staged = StagedCore.of(THREE);
        staged.pass(ELECTION_NS);
        staged.say(2, new VoteGrant(1, true));

        staged.say(3, append(1, 0, 0, 0, entry(1, 1)));

        assertEquals(3, staged.core().leaderId());
        assertEquals(List.of(entry(1, 1)), staged.log);
    }

    @Test
    void stopsWhenThereAreTwoLeadersInATerm() {
        StagedCore staged = StagedCore.leader();

        assertThrows(IllegalStateException.class, () -> staged.say(2, append(1, 0, 0, 0)));
    }

    @Test
    void stopsWhenALeaderContradictsWhatIsCommitted() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, append(1, 0, 0, 1, entry(1, 1)));

        assertThrows(IllegalStateException.class, () -> staged.say(3, append(2, 1, 2, 1, entry(2, 2))));
    }
}
