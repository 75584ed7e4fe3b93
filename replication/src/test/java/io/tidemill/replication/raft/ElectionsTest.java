package io.tidemill.replication.raft;

import static io.tidemill.replication.raft.StagedCore.ELECTION_NS;
import static io.tidemill.replication.raft.StagedCore.THREE;
import static io.tidemill.replication.raft.StagedCore.append;
import static io.tidemill.replication.raft.StagedCore.noOp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.replication.raft.RaftEntry.Members;
import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.NewerTerm;
import io.tidemill.replication.raft.RaftMessage.VoteGrant;
import io.tidemill.replication.raft.RaftMessage.VoteRequest;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** K03: who leads, and that it is one. */
class ElectionsTest {
    @Test
    void asksWhetherItWouldBeElectedBeforeATermBegins() {
        StagedCore staged = StagedCore.of(THREE);

        staged.pass(ELECTION_NS - 1);
        assertEquals(List.of(), staged.takeSent(2));
        staged.pass(1);

        assertEquals(List.of(new VoteRequest(1, true, 0, 0)), staged.takeSent(2));
        assertEquals(0, staged.core().term());
        assertEquals(Ballot.NONE, staged.ballot);
    }

    @Test
    void beginsATermWhenAMajorityWouldVoteForIt() {
        StagedCore staged = StagedCore.of(Membership.ofVoters(1, 2, 3, 4, 5));
        staged.pass(ELECTION_NS);
        staged.takeSent(3);

        staged.say(2, new VoteGrant(1, true));
        staged.say(2, new VoteGrant(1, true));
        assertEquals(0, staged.core().term());
        staged.say(4, new VoteGrant(1, true));

        assertEquals(List.of(new VoteRequest(1, false, 0, 0)), staged.takeSent(3));
        assertEquals(new Ballot(1, 1), staged.ballot);
    }

    @Test
    void leadsWhenAMajorityHasVotedForIt() {
        StagedCore staged = StagedCore.of(Membership.ofVoters(1, 2, 3, 4, 5));

        staged.beElectedBy(2);
        assertFalse(staged.core().isLeader());
        staged = StagedCore.of(Membership.ofVoters(1, 2, 3, 4, 5));
        staged.beElectedBy(2, 3);

        assertTrue(staged.core().isLeader());
        assertEquals(List.of(noOp(1, 1)), staged.log);
    }

    @Test
    void asksForVotesAndCountsItsOwnOnlyWhenThatIsDurable() {
        StagedCore staged = StagedCore.of(THREE);
        staged.pass(ELECTION_NS);
        staged.takeSent(2);
        staged.isDiskFast = false;

        staged.say(2, new VoteGrant(1, true));
        assertEquals(List.of(), staged.takeSent(2));
        staged.say(2, new VoteGrant(1, false));
        assertFalse(staged.core().isLeader());
        staged.persistAll();

        assertTrue(staged.core().isLeader());
    }

    @Test
    void theOnlyVoterElectsItself() {
        StagedCore staged = StagedCore.of(Membership.ofVoters(1));

        staged.pass(ELECTION_NS);

        assertTrue(staged.core().isLeader());
        assertEquals(List.of(noOp(1, 1)), staged.published);
    }

    @Test
    void aLearnerWantsNoElection() {
        StagedCore staged = StagedCore.of(new Membership(Set.of(2, 3), Set.of(1)));

        staged.pass(3 * ELECTION_NS);

        assertEquals(List.of(), staged.takeSent(2));
    }

    @Test
    void votesForNobodyWhoseLogIsBehindItsOwn() {
        StagedCore staged = StagedCore.withTerms(1, 1, 2);

        staged.say(2, new VoteRequest(3, false, 2, 2));
        staged.say(2, new VoteRequest(3, false, 7, 1));
        assertEquals(List.of(), staged.takeSent(2));
        staged.say(3, new VoteRequest(3, false, 3, 2));

        assertEquals(List.of(new VoteGrant(3, false)), staged.takeSent(3));
    }

    @Test
    void votesOnceInATerm() {
        StagedCore staged = StagedCore.of(THREE);

        staged.say(2, new VoteRequest(1, false, 0, 0));
        staged.say(3, new VoteRequest(1, false, 0, 0));
        staged.say(2, new VoteRequest(1, false, 0, 0));

        assertEquals(List.of(), staged.takeSent(3));
        assertEquals(List.of(new VoteGrant(1, false), new VoteGrant(1, false)), staged.takeSent(2));
    }

    @Test
    void keepsItsVoteOverARestart() {
        Persisted persisted = new Persisted(new Ballot(4, 2), RaftSnapshot.beginning(THREE), List.of());
        StagedCore staged = new StagedCore(persisted);

        staged.say(3, new VoteRequest(4, false, 9, 3));
        staged.say(2, new VoteRequest(4, false, 9, 3));

        assertEquals(List.of(), staged.takeSent(3));
        assertEquals(List.of(new VoteGrant(4, false)), staged.takeSent(2));
    }

    @Test
    void aVoteIsGivenWhenItIsDurable() {
        StagedCore staged = StagedCore.of(THREE);
        staged.isDiskFast = false;

        staged.say(2, new VoteRequest(1, false, 0, 0));
        assertEquals(new Ballot(1, 2), staged.ballot);
        assertEquals(List.of(), staged.takeSent(2));
        staged.persistAll();

        assertEquals(List.of(new VoteGrant(1, false)), staged.takeSent(2));
    }

    @Test
    void wouldVoteForNobodyWhileItHearsALeader() {
        StagedCore staged = StagedCore.of(THREE);
        staged.say(2, append(1, 0, 0, 0));

        staged.say(3, new VoteRequest(2, true, 5, 1));
        assertEquals(List.of(), staged.takeSent(3));
        staged.nowNs += ELECTION_NS;
        staged.say(3, new VoteRequest(2, true, 5, 1));

        assertEquals(List.of(new VoteGrant(2, true)), staged.takeSent(3));
        assertEquals(1, staged.core().term());
        assertEquals(new Ballot(1, Ballot.NOBODY), staged.ballot);
    }

    @Test
    void aLeaderWouldVoteForNobody() {
        StagedCore staged = StagedCore.leader();

        staged.say(3, new VoteRequest(2, true, 5, 1));

        assertEquals(List.of(), staged.takeSent(3));
    }

    @Test
    void wouldVoteForNobodyWhoseLogIsBehindItsOwn() {
        StagedCore staged = StagedCore.withTerms(1, 1);

        staged.say(3, new VoteRequest(2, true, 1, 1));

        assertEquals(List.of(), staged.takeSent(3));
    }

    @Test
    void tellsWhoeverIsLateOfTheNewerTerm() {
        StagedCore staged = StagedCore.withTerms(1, 5);

        staged.say(2, new VoteRequest(4, false, 9, 4));
        staged.say(2, new VoteRequest(5, true, 9, 4));
        staged.say(2, append(4, 0, 0, 0));

        assertEquals(List.of(new NewerTerm(5), new NewerTerm(5), new NewerTerm(5)), staged.takeSent(2));
        assertEquals(Ballot.NOBODY, staged.core().leaderId());
    }

    @Test
    void aLeaderThatHearsOfANewerTermIsNoneAnyMore() {
        StagedCore staged = StagedCore.leader();

        staged.say(2, new NewerTerm(7));

        assertFalse(staged.core().isLeader());
        assertEquals(new Ballot(7, Ballot.NOBODY), staged.ballot);
    }

    @Test
    void aLeaderThatHearsNoMajorityIsNoneAnyMore() {
        StagedCore staged = StagedCore.leader();

        staged.pass(ELECTION_NS - 1);
        staged.say(2, new AppendAck(1, 0, 1));
        staged.pass(ELECTION_NS - 1);
        assertTrue(staged.core().isLeader());
        staged.pass(1);

        assertFalse(staged.core().isLeader());
        assertEquals(1, staged.core().term());
    }

    @Test
    void votesOfAnotherTermDoNotCount() {
        StagedCore staged = StagedCore.of(THREE);
        staged.pass(ELECTION_NS);

        staged.say(2, new VoteGrant(2, true));
        assertEquals(0, staged.core().term());
        staged.say(2, new VoteGrant(1, true));
        staged.pass(ELECTION_NS);
        staged.say(2, new VoteGrant(2, true));
        staged.say(2, new VoteGrant(1, false));

        assertEquals(2, staged.core().term());
        assertFalse(staged.core().isLeader());
    }

    /** Of two servers the leader has removed itself, and only it knows. */
    @Test
    void aRemovedServerMayBeElectedUntilThatIsCommitted() {
        RaftEntry removal = new RaftEntry(1, 1, new Members(Membership.ofVoters(2)));
        StagedCore staged = new StagedCore(
                new Persisted(new Ballot(1, 1), RaftSnapshot.beginning(Membership.ofVoters(1, 2)), List.of(removal)));

        staged.beElectedBy(2);
        assertTrue(staged.core().isLeader());
        staged.say(2, new AppendAck(2, 0, 2));

        assertFalse(staged.core().isLeader());
        staged.takeSent(2);
        staged.pass(5 * ELECTION_NS);
        assertEquals(List.of(), staged.takeSent(2));
    }

    @Test
    void saysHowLongItMayBeLeftAlone() {
        StagedCore follower = StagedCore.of(THREE);
        StagedCore leader = StagedCore.leader();

        assertEquals(ELECTION_NS, follower.core().idleNsMax(follower.nowNs));
        assertEquals(0, follower.core().idleNsMax(follower.nowNs + 2 * ELECTION_NS));
        assertEquals(StagedCore.HEARTBEAT_NS, leader.core().idleNsMax(leader.nowNs));
    }
}
