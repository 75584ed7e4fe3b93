package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tidemill.TopicSettings;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who leads a partition next, who is in sync, and who else has every committed record. */
class PartitionChangeTest {
    private static final int NOBODY = PartitionState.NO_LEADER;

    private int minInsyncReplicas = 1;
    private boolean isUncleanAllowed;
    private Set<Integer> active = Set.of(0, 1, 2, 3);

    @Test
    void theLeaderStaysAsLongAsItIsInSync() {
        PartitionState next = next(state(List.of(0, 1, 2), List.of(), 1), change -> change.isr(List.of(1, 2)));

        assertEquals(expected(List.of(1, 2), List.of(), 1, 5, 8), next);
    }

    @Test
    void theFirstReplicaInSyncFollowsALeaderThatIsGone() {
        active = Set.of(0, 2);

        PartitionState next = next(state(List.of(0, 1, 2), List.of(), 1), change -> change);

        assertEquals(expected(List.of(0, 2), List.of(), 0, 6, 8), next);
    }

    @Test
    void thePreferredReplicaLeadsWhenAskedForAndInSync() {
        assertEquals(
                expected(List.of(0, 1), List.of(), 0, 6, 8),
                next(state(List.of(0, 1), List.of(), 1), PartitionChange::preferred));
        assertNull(change(state(List.of(1, 2), List.of(), 1)).preferred().next());
    }

    @Test
    void theLastOnesInSyncAreEligible() {
        active = Set.of();

        PartitionState next = next(state(List.of(0, 1), List.of(), 1), change -> change);

        assertEquals(expected(List.of(), List.of(0, 1), NOBODY, 6, 8, 1), next);
    }

    /** The high watermark stands from then on. */
    @Test
    void whoLeavesTooFewInSyncIsEligible() {
        minInsyncReplicas = 2;

        PartitionState two = next(state(List.of(0, 1, 2), List.of(), 0), change -> change.isr(List.of(0, 1)));
        PartitionState one = next(two, change -> change.isr(List.of(0)));

        assertEquals(List.of(), two.elr());
        assertEquals(List.of(1), one.elr());
        assertEquals(List.of(0), one.isr());
    }

    @Test
    void nobodyIsEligibleWhenEnoughAreInSyncAgain() {
        minInsyncReplicas = 2;

        PartitionState next = next(state(List.of(0), List.of(1), 0), change -> change.isr(List.of(0, 2)));

        assertEquals(expected(List.of(0, 2), List.of(), 0, 5, 8), next);
    }

    @Test
    void nobodyIsEligibleWhenFewerAreToBeInSync() {
        minInsyncReplicas = 1;

        PartitionState next = next(state(List.of(0), List.of(1), 0), change -> change);

        assertEquals(expected(List.of(0), List.of(), 0, 5, 8), next);
    }

    @Test
    void anEligibleReplicaLeadsWhereNobodyIsInSync() {
        minInsyncReplicas = 2;
        active = Set.of(2);

        PartitionState next = next(state(List.of(0), List.of(1, 2), 0), change -> change);

        assertEquals(expected(List.of(2), List.of(0, 1), 2, 6, 8), next);
    }

    @Test
    void aReplicaWithoutItsTailIsNeitherInSyncNorEligible() {
        minInsyncReplicas = 3;
        active = Set.of(2);

        PartitionState next = next(state(List.of(0, 1), List.of(2), 0), change -> change.tailless(Set.of(1, 2)));

        assertEquals(expected(List.of(), List.of(0), NOBODY, 6, 8, 0), next);
    }

    @Test
    void nobodyLeadsAsLongAsOneWhoHasEverythingMayReturn() {
        minInsyncReplicas = 2;
        active = Set.of(0, 2);

        assertNull(change(offline(List.of(1), 0)).next());
    }

    @Test
    void whoLedLastLeadsAgainWhenAllHaveLostTheirTails() {
        active = Set.of(0, 1);

        PartitionState next = next(offline(List.of(), 1), change -> change);

        assertEquals(expected(List.of(1), List.of(), 1, 6, 8), next);
        active = Set.of(0, 2);
        assertNull(change(offline(List.of(), 1)).next());
    }

    @Test
    void anybodyLeadsWhereThatIsAllowed() {
        minInsyncReplicas = 2;
        isUncleanAllowed = true;
        active = Set.of(0, 2);

        PartitionState next = next(offline(List.of(1), 1), change -> change);

        assertEquals(expected(List.of(0), List.of(), 0, 6, 8), next);
    }

    @Test
    void whoIsEligibleLeadsBeforeAnybodyElse() {
        minInsyncReplicas = 2;
        isUncleanAllowed = true;
        active = Set.of(0, 2);

        PartitionState next = next(offline(List.of(1, 2), 1), change -> change);

        assertEquals(expected(List.of(2), List.of(1), 2, 6, 8), next);
    }

    @Test
    void whoIsOnlyBeingAddedLeadsLast() {
        isUncleanAllowed = true;
        Assignment moving = new Assignment(List.of(3, 0, 1), List.of(3), List.of(1));
        PartitionState from = new PartitionState(moving, List.of(), List.of(1), NOBODY, 1, 5, 7);

        active = Set.of(0, 3);
        assertEquals(0, next(from, change -> change).leader());
        active = Set.of(3);
        assertEquals(3, next(from, change -> change).leader());
    }

    @Test
    void nothingChangesWhereNothingIsToBeDone() {
        assertNull(change(state(List.of(0, 1, 2), List.of(), 1)).next());
    }

    @Test
    void aMoveEndsWhenAllThatAreToHaveItAreInSync() {
        Assignment moving = Assignment.of(List.of(0, 1)).movingTo(List.of(2, 3));
        PartitionState from = new PartitionState(moving, List.of(0, 2), List.of(), 0, 0, 5, 7);

        PartitionState not = next(from, change -> change.isr(List.of(0, 1, 2)));
        PartitionState arrived = next(from, change -> change.isr(List.of(0, 2, 3)));

        assertEquals(moving, not.assignment());
        assertEquals(new PartitionState(Assignment.of(List.of(2, 3)), List.of(2, 3), List.of(), 2, 2, 6, 8), arrived);
    }

    /** Whoever goes may come again, and must not be taken for who it was. */
    @Test
    void theLeaderEpochRisesWhenAReplicaGoes() {
        PartitionState next = next(
                state(List.of(0, 1, 2), List.of(), 0),
                change -> change.assignment(Assignment.of(List.of(0, 1, 2)).movingTo(List.of(0, 1))));

        assertEquals(new PartitionState(Assignment.of(List.of(0, 1)), List.of(0, 1), List.of(), 0, 0, 6, 8), next);
    }

    @Test
    void noMoreHaveToBeInSyncThanThereWere() {
        PartitionState moving = state(List.of(0, 1, 2), List.of(), 0);

        assertEquals(3, moving.effectiveMinIsr(4));
        assertEquals(2, moving.effectiveMinIsr(2));
        PartitionState growing = new PartitionState(
                Assignment.of(List.of(0)).movingTo(List.of(0, 1, 2)), List.of(0), List.of(), 0, 0, 0, 0);
        assertEquals(1, growing.effectiveMinIsr(2));
    }

    @Test
    void anotherMoveBeginsWhereThePartitionWas() {
        Assignment first = Assignment.of(List.of(0, 1)).movingTo(List.of(2, 1));
        Assignment second = first.movingTo(List.of(3));

        assertEquals(new Assignment(List.of(2, 1, 0), List.of(2), List.of(0)), first);
        assertEquals(new Assignment(List.of(3, 1, 0), List.of(3), List.of(1, 0)), second);
    }

    private interface How {
        PartitionChange apply(PartitionChange change);
    }

    private PartitionState next(PartitionState from, How how) {
        @Nullable PartitionState next = how.apply(change(from)).next();
        return Objects.requireNonNull(next);
    }

    private PartitionChange change(PartitionState from) {
        TopicSettings settings = TopicSettings.partitions(1)
                .withMinInsyncReplicas(minInsyncReplicas)
                .with("unclean.leader.election.enable", String.valueOf(isUncleanAllowed));
        return new PartitionChange(from, settings, active::contains);
    }

    /** Of replicas 0, 1 and 2, in leader epoch 5 and partition epoch 7. */
    private static PartitionState state(List<Integer> isr, List<Integer> elr, int leader) {
        return expected(isr, elr, leader, 5, 7);
    }

    private static PartitionState offline(List<Integer> elr, int lastLeader) {
        return expected(List.of(), elr, NOBODY, 5, 7, lastLeader);
    }

    private static PartitionState expected(
            List<Integer> isr, List<Integer> elr, int leader, int leaderEpoch, int partitionEpoch) {
        return expected(isr, elr, leader, leaderEpoch, partitionEpoch, leader);
    }

    private static PartitionState expected(
            List<Integer> isr, List<Integer> elr, int leader, int leaderEpoch, int partitionEpoch, int lastLeader) {
        return new PartitionState(
                Assignment.of(List.of(0, 1, 2)), isr, elr, leader, lastLeader, leaderEpoch, partitionEpoch);
    }
}
