package io.tidemill.replication.raft;

import static io.tidemill.replication.raft.StagedCore.append;
import static io.tidemill.replication.raft.StagedCore.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRequest;
import io.tidemill.replication.raft.RaftMessage.NewerTerm;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a leader may answer from what it has published. */
class ReadsTest {
    @Test
    void isReadyWhenAMajorityHasAnsweredALaterMessage() {
        StagedCore staged = StagedCore.leader();

        assertNull(staged.read(77));
        assertEquals(List.of(new AppendRequest(1, 1, 1, 1, 1, List.of())), staged.takeSent(2));
        staged.say(2, new AppendAck(1, 0, 1));
        assertEquals(List.of(), staged.readable);
        staged.say(2, new AppendAck(1, 1, 1));

        assertEquals(List.of(77L), staged.readable);
    }

    @Test
    void waitsUntilWhatFormerLeadersCommittedIsPublished() {
        StagedCore staged = StagedCore.withTerms(1, 1);
        staged.beElectedBy(2);
        staged.read(77);

        staged.say(2, new AppendAck(2, 1, 2));
        staged.say(3, new AppendAck(2, 1, 2));
        assertEquals(List.of(), staged.readable);
        staged.say(2, new AppendAck(2, 1, 3));

        assertEquals(List.of(77L), staged.readable);
        assertEquals(3, staged.published.size());
    }

    @Test
    void failsWhenItsLeaderIsNoneAnyMore() {
        StagedCore staged = StagedCore.leader();
        staged.read(77);

        staged.say(3, new NewerTerm(2));

        assertEquals(List.of(77L), staged.unreadable);
        assertEquals(List.of(), staged.readable);
    }

    @Test
    void theOnlyVoterIsAlwaysSure() {
        StagedCore staged = StagedCore.of(Membership.ofVoters(1));
        staged.beElectedBy();

        staged.read(77);

        assertEquals(List.of(77L), staged.readable);
    }

    @Test
    void whatComesMeanwhileIsNotWaitedFor() {
        StagedCore staged = StagedCore.leader();
        staged.read(77);
        staged.propose(2);

        staged.say(3, new AppendAck(1, 1, 1));

        assertEquals(List.of(77L), staged.readable);
        assertEquals(1, staged.published.size());
    }

    @Test
    void noMoreReadsWaitThanThereIsRoomFor() {
        StagedCore staged = StagedCore.leader();

        int accepted = 0;
        while (staged.read(accepted) == null) {
            accepted++;
        }

        assertEquals(1_000, accepted);
        assertEquals(RaftRefusal.BACK_PRESSURED, staged.read(accepted));
    }

    @Test
    void aFollowersWordIsNoneOfALeaderOfAnotherTerm() {
        StagedCore staged = StagedCore.of(StagedCore.THREE);
        staged.say(2, append(1, 0, 0, 1, entry(1, 1)));
        staged.beElectedBy(3);
        staged.read(77);

        staged.say(3, new AppendAck(1, 9, 1));

        assertEquals(List.of(), staged.readable);
    }
}
