package io.tidemill.replication.raft;

import static io.tidemill.replication.raft.StagedCore.ELECTION_NS;
import static io.tidemill.replication.raft.StagedCore.HEARTBEAT_NS;
import static io.tidemill.replication.raft.StagedCore.append;
import static io.tidemill.replication.raft.StagedCore.entries;
import static io.tidemill.replication.raft.StagedCore.entry;
import static io.tidemill.replication.raft.StagedCore.noOp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.replication.raft.Proposed.Accepted;
import io.tidemill.replication.raft.Proposed.Refused;
import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRefusal;
import io.tidemill.replication.raft.RaftMessage.TimeoutNow;
import java.util.List;
import org.junit.jupiter.api.Test;

/** L01, L05: what a leader sends, and when something is committed. */
class ReplicationTest {
    @Test
    void beginsWithAnEntryOfItsTerm() {
        StagedCore staged = StagedCore.withTerms(1, 1);

        staged.beElectedBy(2);

        assertEquals(noOp(3, 2), staged.log.get(2));
        assertEquals(append(2, 2, 1, 0, noOp(3, 2)), last(staged.takeSent(2)));
    }

    private static RaftMessage last(List<RaftMessage> messages) {
        return messages.get(messages.size() - 1);
    }

    @Test
    void commitsWhatAMajorityHasAndTellsTheOthers() {
        StagedCore staged = StagedCore.leader();

        assertEquals(new Accepted(2, 1), staged.propose(2));
        assertEquals(List.of(append(1, 1, 1, 1, entry(2, 1))), staged.takeSent(2));
        staged.say(3, new AppendAck(1, 0, 2));

        assertEquals(List.of(noOp(1, 1), entry(2, 1)), staged.published);
        assertEquals(List.of(append(1, 2, 1, 2)), staged.takeSent(2));
    }

    @Test
    void commitsEntriesOfFormerTermsWithOneOfItsOwnOnly() {
        StagedCore staged = StagedCore.withTerms(1, 1);
        staged.beElectedBy(2);

        staged.say(2, new AppendAck(2, 0, 2));
        assertEquals(List.of(), staged.published);
        staged.say(2, new AppendAck(2, 0, 3));

        assertEquals(3, staged.published.size());
    }

    @Test
    void itsOwnCopyCountsWhenItIsDurable() {
        StagedCore staged = StagedCore.leader();
        staged.isDiskFast = false;
        staged.propose(2);

        staged.say(2, new AppendAck(1, 0, 2));
        assertEquals(1, staged.core().commitIndex());
        staged.persistAll();

        assertEquals(2, staged.core().commitIndex());
    }

    @Test
    void theOthersAreEnoughButItPublishesWhatIsDurableHere() {
        StagedCore staged = StagedCore.leader();
        staged.isDiskFast = false;
        staged.propose(2);

        staged.say(2, new AppendAck(1, 0, 2));
        staged.say(3, new AppendAck(1, 0, 2));
        assertEquals(2, staged.core().commitIndex());
        assertEquals(1, staged.published.size());
        staged.persistAll();

        assertEquals(2, staged.published.size());
    }

    @Test
    void sendsInBatchesWithoutWaitingUpToALimit() {
        StagedCore staged = StagedCore.leader();

        staged.propose(2, 3, 4, 5, 6, 7);
        assertEquals(
                List.of(append(1, 1, 1, 1, entries(2, 1, 1)), append(1, 3, 1, 1, entries(4, 1, 1))),
                staged.takeSent(2));
        staged.say(2, new AppendAck(1, 0, 3));

        assertEquals(append(1, 5, 1, 1, entries(6, 1, 1)), staged.takeSent(2).get(0));
    }

    @Test
    void backsUpOverATermAtATime() {
        StagedCore staged = StagedCore.withTerms(1, 1, 1, 3, 3, 3);
        staged.beElectedBy(2);
        staged.takeSent(3);

        // The other one has the terms 1 1 1 2 2 2.
        staged.say(3, new AppendRefusal(4, 0, 6, 6, 2));

        assertEquals(append(4, 3, 1, 0, entries(4, 3, 3)), last(staged.takeSent(3)));
    }

    @Test
    void aHeartbeatShowsWhatGotLost() {
        StagedCore staged = StagedCore.leader();
        staged.propose(2);
        staged.takeSent(2);

        staged.pass(HEARTBEAT_NS);
        assertEquals(List.of(append(1, 2, 1, 1)), staged.takeSent(2));
        staged.say(2, new AppendRefusal(1, 0, 2, 1, 1));

        assertEquals(List.of(append(1, 1, 1, 1, entry(2, 1))), staged.takeSent(2));
    }

    @Test
    void aLateRefusalChangesNothing() {
        StagedCore staged = StagedCore.leader();
        staged.propose(2);
        staged.say(2, new AppendAck(1, 0, 2));
        staged.takeSent(2);

        staged.say(2, new AppendRefusal(1, 0, 2, 1, 1));

        assertEquals(List.of(), staged.takeSent(2));
    }

    @Test
    void asksOneThingAtATimeWhoseLogItDoesNotKnow() {
        StagedCore staged = StagedCore.withTerms(1, 1);
        staged.beElectedBy(2);
        staged.takeSent(3);

        staged.propose(4);
        assertEquals(List.of(), staged.takeSent(3));
        staged.pass(HEARTBEAT_NS);

        assertEquals(
                append(2, 2, 1, 0, noOp(3, 2), entry(4, 2)), staged.takeSent(3).get(0));
    }

    @Test
    void takesNoMoreThanMayBeUncommitted() {
        StagedCore staged = StagedCore.leader();
        staged.propose(2, 3, 4, 5, 6, 7, 8);

        assertEquals(new Refused(RaftRefusal.BACK_PRESSURED), staged.propose(9, 10));
        assertEquals(new Accepted(9, 1), staged.propose(9));
        staged.say(2, new AppendAck(1, 0, 4));

        assertEquals(new Accepted(10, 1), staged.propose(10, 11, 12));
    }

    @Test
    void refusesWhatWouldNotFitInAMessage() {
        StagedCore staged = StagedCore.leader();
        Effects out = new Effects();

        assertThrows(
                IllegalArgumentException.class, () -> staged.core().propose(List.of(new byte[16]), staged.nowNs, out));
        assertEquals(new Accepted(2, 1), staged.core().propose(List.of(new byte[15]), staged.nowNs, out));
    }

    @Test
    void onlyALeaderTakesProposals() {
        StagedCore staged = StagedCore.of(StagedCore.THREE);

        assertEquals(new Refused(RaftRefusal.NOT_LEADER), staged.propose(1));
        assertEquals(RaftRefusal.NOT_LEADER, staged.read(1));
        assertEquals(RaftRefusal.NOT_LEADER, staged.transfer(2));
        assertEquals(new Refused(RaftRefusal.NOT_LEADER), staged.change(new MembershipChange.Remove(2)));
    }

    @Test
    void handsOverWhenTheOtherOneHasEverything() {
        StagedCore staged = StagedCore.leader();
        staged.propose(2);
        staged.takeSent(2);

        staged.transfer(2);
        assertEquals(List.of(), staged.takeSent(2));
        assertEquals(new Refused(RaftRefusal.TRANSFERRING), staged.propose(3));
        staged.say(2, new AppendAck(1, 0, 2));

        assertEquals(new TimeoutNow(1), staged.takeSent(2).get(0));
    }

    @Test
    void goesOnWhenATransferDoesNotSucceedInTime() {
        StagedCore staged = StagedCore.leader();
        staged.transfer(2);

        staged.pass(ELECTION_NS - 1);
        staged.say(3, new AppendAck(1, 0, 1));
        assertEquals(new Refused(RaftRefusal.TRANSFERRING), staged.propose(2));
        staged.pass(1);

        assertEquals(new Accepted(2, 1), staged.propose(2));
    }

    @Test
    void handsOverToAnotherVoterOnly() {
        StagedCore staged = StagedCore.leader();

        assertEquals(RaftRefusal.INVALID_MEMBER, staged.transfer(1));
        assertEquals(RaftRefusal.INVALID_MEMBER, staged.transfer(4));
    }

    @Test
    void isBestSucceededByWhoHasMostAndWasHeardLast() {
        StagedCore staged = StagedCore.leader();
        staged.say(2, new AppendAck(1, 0, 1));
        staged.pass(1);
        staged.say(3, new AppendAck(1, 0, 1));
        assertEquals(3, staged.core().bestSuccessor());

        staged.propose(2);
        staged.say(2, new AppendAck(1, 0, 2));
        staged.pass(1);
        staged.say(3, new AppendAck(1, 0, 1));
        assertEquals(2, staged.core().bestSuccessor());
        assertEquals(Ballot.NOBODY, StagedCore.of(StagedCore.THREE).core().bestSuccessor());
    }

    @Test
    void becomesCandidateAtOnceWhenItsLeaderGivesWay() {
        StagedCore staged = StagedCore.of(StagedCore.THREE);
        staged.say(2, append(1, 0, 0, 0));

        staged.say(2, new TimeoutNow(1));

        assertEquals(new Ballot(2, 1), staged.ballot);
        assertEquals(List.of(new RaftMessage.VoteRequest(2, false, 0, 0)), staged.takeSent(3));
    }
}
