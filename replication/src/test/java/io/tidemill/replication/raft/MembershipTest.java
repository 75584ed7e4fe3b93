package io.tidemill.replication.raft;

import static io.tidemill.replication.raft.StagedCore.THREE;
import static io.tidemill.replication.raft.StagedCore.append;
import static io.tidemill.replication.raft.StagedCore.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.replication.raft.MembershipChange.AddLearner;
import io.tidemill.replication.raft.MembershipChange.Promote;
import io.tidemill.replication.raft.MembershipChange.Remove;
import io.tidemill.replication.raft.Proposed.Accepted;
import io.tidemill.replication.raft.Proposed.Refused;
import io.tidemill.replication.raft.RaftEntry.Members;
import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRefusal;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who belongs to the cluster, and how that changes. */
class MembershipTest {
    private static final Refused UNDER_WAY = new Refused(RaftRefusal.CHANGE_UNDER_WAY);
    private static final Refused INVALID = new Refused(RaftRefusal.INVALID_MEMBER);

    @Test
    void aLearnerGetsEverythingAndCountsNothing() {
        StagedCore staged = StagedCore.leader();

        assertEquals(new Accepted(2, 1), staged.change(new AddLearner(4)));
        staged.say(4, new AppendAck(1, 0, 2));

        assertEquals(new Membership(Set.of(1, 2, 3), Set.of(4)), staged.core().membership());
        assertEquals(1, staged.core().commitIndex());
        assertEquals(1, staged.takeSent(4).size());
    }

    @Test
    void aLearnerVotesWhenItHasCaughtUp() {
        StagedCore staged = StagedCore.leader();
        staged.change(new AddLearner(4));
        staged.say(2, new AppendAck(1, 0, 2));

        assertEquals(new Refused(RaftRefusal.NOT_CAUGHT_UP), staged.change(new Promote(4)));
        staged.say(4, new AppendRefusal(1, 0, 1, 0, 0));
        staged.say(4, new AppendAck(1, 0, 2));

        assertEquals(new Accepted(3, 1), staged.change(new Promote(4)));
        assertEquals(Membership.ofVoters(1, 2, 3, 4), staged.core().membership());
    }

    @Test
    void aChangeCountsAsSoonAsItIsInTheLog() {
        StagedCore staged = StagedCore.leader();

        staged.change(new Remove(3));
        staged.say(3, new AppendAck(1, 0, 2));
        assertEquals(1, staged.core().commitIndex());
        staged.say(2, new AppendAck(1, 0, 2));

        assertEquals(2, staged.core().commitIndex());
    }

    @Test
    void changesOneAtATime() {
        StagedCore staged = StagedCore.leader();
        staged.change(new Remove(3));

        assertEquals(UNDER_WAY, staged.change(new AddLearner(4)));
        staged.say(2, new AppendAck(1, 0, 2));

        assertEquals(new Accepted(3, 1), staged.change(new AddLearner(4)));
    }

    @Test
    void changesNothingBeforeAnEntryOfItsOwnTermIsCommitted() {
        StagedCore staged = StagedCore.of(THREE);
        staged.beElectedBy(2);

        assertEquals(UNDER_WAY, staged.change(new AddLearner(4)));
        staged.say(2, new AppendAck(1, 0, 1));

        assertEquals(new Accepted(2, 1), staged.change(new AddLearner(4)));
    }

    @Test
    void refusesWhatIsNoChangeOrLeavesNobody() {
        StagedCore staged = StagedCore.of(Membership.ofVoters(1));
        staged.beElectedBy();

        assertEquals(INVALID, staged.change(new AddLearner(1)));
        assertEquals(INVALID, staged.change(new Promote(1)));
        assertEquals(INVALID, staged.change(new Promote(2)));
        assertEquals(INVALID, staged.change(new Remove(2)));
        assertEquals(INVALID, staged.change(new Remove(1)));
    }

    @Test
    void aLeaderThatIsRemovedLeadsUntilThatIsCommittedAndDoesNotCount() {
        StagedCore staged = StagedCore.leader();

        staged.change(new Remove(1));
        staged.say(2, new AppendAck(1, 0, 2));
        assertTrue(staged.core().isLeader());
        assertEquals(1, staged.core().commitIndex());
        staged.say(3, new AppendAck(1, 0, 2));

        assertFalse(staged.core().isLeader());
        assertEquals(2, staged.core().commitIndex());
        List<RaftMessage> sent = staged.takeSent(2);
        assertEquals(append(1, 2, 1, 2), sent.get(sent.size() - 1));
    }

    @Test
    void whatIsCutFromTheLogWasNoChange() {
        StagedCore staged = StagedCore.of(THREE);
        Membership four = Membership.ofVoters(1, 2, 3, 4);
        staged.say(2, append(1, 0, 0, 0, new RaftEntry(1, 1, new Members(four))));
        assertEquals(four, staged.core().membership());

        staged.say(3, append(2, 0, 0, 0, entry(1, 2)));

        assertEquals(THREE, staged.core().membership());
    }

    @Test
    void nobodyVotesAndLearns() {
        assertThrows(IllegalArgumentException.class, () -> new Membership(Set.of(1, 2), Set.of(2)));
    }

    @Test
    void aMajorityIsMoreThanHalfOfTheVoters() {
        Membership four = Membership.ofVoters(1, 2, 3, 4);

        assertFalse(four.hasMajority(id -> id <= 2));
        assertTrue(four.hasMajority(id -> id <= 3));
        assertEquals(20, four.reachedByMajority(id -> 10L * id));
        assertEquals(20, THREE.reachedByMajority(id -> 10L * id));
    }
}
