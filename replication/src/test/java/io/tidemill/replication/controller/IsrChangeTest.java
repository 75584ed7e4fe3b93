package io.tidemill.replication.controller;

import static io.tidemill.replication.controller.SteppedController.registration;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.TopicPartition;
import io.tidemill.replication.controller.ClusterAnswer.DoneExcept;
import io.tidemill.replication.controller.ClusterAnswer.RefusedPartition;
import io.tidemill.replication.controller.ClusterRequest.AlterPartitions;
import io.tidemill.replication.controller.ClusterRequest.AlterSettings;
import io.tidemill.replication.controller.ClusterRequest.AlterTopic;
import io.tidemill.replication.controller.ClusterRequest.ElectPreferred;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** K03: what a leader may say of who is in sync, and who leads when brokers come and go. */
class IsrChangeTest {
    private static final long BALANCE_NS = 300_000_000_000L;

    private final SteppedController controller = new SteppedController(0, 1, 2);
    private final PartitionId id = controller.create(3, 2);
    private final int leader = controller.state(id).leader();
    private final int second = controller.state(id).replicas().get(1);
    private final int third = controller.state(id).replicas().get(2);

    @Test
    void thoseThatLagLeaveAndReturn() {
        controller.ask(controller.isr(id, leader, second));
        assertEquals(List.of(leader, second), controller.state(id).isr());

        ClusterAnswer answer = controller.ask(controller.isr(id, third, leader, second));

        assertEquals(new DoneExcept(List.of()), answer);
        assertEquals(List.of(leader, second, third), controller.state(id).isr());
        assertEquals(0, controller.state(id).leaderEpoch());
        assertEquals(2, controller.state(id).partitionEpoch());
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, NOT_CONTROLLER",
        "0, 1, NOT_CONTROLLER",
        "-1, 0, FENCED_LEADER_EPOCH",
        "0, -1, INVALID_UPDATE_VERSION",
        "-1, -1, FENCED_LEADER_EPOCH"
    })
    void epochsMustBeThoseOfNow(int leaderEpochs, int partitionEpochs, Refusal refusal) {
        IsrChange change = controller.isr(id, leader).changes().get(0);

        assertRefused(
                refusal,
                new IsrChange(
                        id,
                        change.leaderEpoch() + leaderEpochs,
                        change.partitionEpoch() + partitionEpochs,
                        change.isr()));
    }

    @Test
    void whoAsksForWhatThereIsHasNothingDoneAnyMoreThatWasAskedForBefore() {
        controller.ask(controller.isr(id, leader, second));
        IsrChange former = controller.isr(id, leader, second, third).changes().get(0);
        PartitionState before = controller.state(id);

        ClusterAnswer answer = controller.ask(controller.isr(id, leader, second));

        assertEquals(new DoneExcept(List.of()), answer);
        assertEquals(before.withPartitionEpoch(before.partitionEpoch() + 1), controller.state(id));
        assertRefused(Refusal.INVALID_UPDATE_VERSION, former);
    }

    @Test
    void onlyTheLeaderKnowsWhoIsInSync() {
        AlterPartitions request = controller.isr(id, leader, second);

        ClusterAnswer answer = controller.ask(
                new AlterPartitions(second, controller.broker(second).epoch(), request.changes()));

        assertEquals(refused(Refusal.INVALID_REQUEST), answer);
        assertEquals(List.of(), controller.events);
    }

    @Test
    void theLeaderIsInSyncAndOthersAreReplicasEachOnce() {
        controller.open(3);

        assertRefused(
                Refusal.INVALID_REQUEST, controller.isr(id, second).changes().get(0));
        assertRefused(
                Refusal.INVALID_REQUEST, controller.isr(id, leader, 3).changes().get(0));
        assertRefused(
                Refusal.INVALID_REQUEST,
                controller.isr(id, leader, second, second).changes().get(0));
        assertRefused(Refusal.INVALID_REQUEST, controller.isr(id).changes().get(0));
    }

    @Test
    void aFencedReplicaIsNotInSync() {
        controller.silence(third);

        assertRefused(
                Refusal.INELIGIBLE_REPLICA,
                controller.isr(id, leader, second, third).changes().get(0));
    }

    @Test
    void aStoppingReplicaIsNotInSync() {
        controller.heartbeat(third, 0, true);

        assertRefused(
                Refusal.INELIGIBLE_REPLICA,
                controller.isr(id, leader, second, third).changes().get(0));
    }

    /** What the leader heard was said by somebody who had more. */
    @Test
    void anotherIncarnationOfAReplicaIsNotInSync() {
        controller.ask(controller.isr(id, leader, second));
        IsrChange change = controller.isr(id, leader, second, third).changes().get(0);
        controller.silence(third);
        controller.ask(registration(third, 2, true));
        controller.heartbeat(third);

        assertRefused(Refusal.INELIGIBLE_REPLICA, change);
    }

    @Test
    void eachPartitionIsDecidedByItself() {
        IsrChange good = controller.isr(id, leader, second).changes().get(0);
        PartitionId unknown = new PartitionId(new UUID(7, 7), 0);
        PartitionId beyond = new PartitionId(id.topicId(), 1);
        List<IsrChange> changes = new ArrayList<>();
        changes.add(new IsrChange(unknown, 0, 0, good.isr()));
        changes.add(good);
        changes.add(new IsrChange(beyond, 0, 0, good.isr()));
        changes.add(good);

        ClusterAnswer answer = controller.ask(
                new AlterPartitions(leader, controller.broker(leader).epoch(), changes));

        assertEquals(
                new DoneExcept(List.of(
                        new RefusedPartition(unknown, Refusal.UNKNOWN_TOPIC_OR_PARTITION),
                        new RefusedPartition(beyond, Refusal.UNKNOWN_TOPIC_OR_PARTITION),
                        new RefusedPartition(id, Refusal.INVALID_REQUEST))),
                answer);
        assertEquals(List.of(leader, second), controller.state(id).isr());
    }

    @Test
    void othersLeadWhenTheLeaderIsSilentAndItFollowsWhenItReturns() {
        controller.silence(leader);

        assertEquals(second, controller.state(id).leader());
        assertEquals(List.of(second, third), controller.state(id).isr());
        assertEquals(1, controller.state(id).leaderEpoch());
        controller.heartbeat(leader);
        assertEquals(second, controller.state(id).leader());
    }

    /** With two that must be in sync, one tail may be lost. */
    @Test
    void theLastOneWithAllRecordsLeadsThoughAnotherReturnsBefore() {
        controller.silence(third);
        controller.silence(leader);
        assertEquals(List.of(second), controller.state(id).isr());
        assertEquals(List.of(leader), controller.state(id).elr());
        controller.silence(second);

        controller.ask(registration(second, 2, true));
        controller.heartbeat(second);
        controller.heartbeat(third);
        assertEquals(List.of(leader), controller.state(id).elr());
        assertEquals(PartitionState.NO_LEADER, controller.state(id).leader());

        controller.heartbeat(leader);
        assertEquals(leader, controller.state(id).leader());
        assertEquals(List.of(leader), controller.state(id).isr());
    }

    @Test
    void anybodyLeadsAsSoonAsTheTopicAllowsIt() {
        controller.silence(second, leader);
        controller.ask(controller.isr(id, third));
        controller.silence(third);
        controller.ask(registration(third, 2, true));
        controller.ask(registration(leader, 2, true));
        controller.heartbeat(leader);
        assertEquals(PartitionState.NO_LEADER, controller.state(id).leader());

        controller.ask(new AlterTopic(
                "t", AlterTopic.SAME_PARTITIONS, Map.of("unclean.leader.election.enable", "true"), Set.of()));

        assertEquals(leader, controller.state(id).leader());
        assertEquals(List.of(leader), controller.state(id).isr());
    }

    @Test
    void nobodyIsEligibleWhenTheTopicCommitsWithFewer() {
        controller.ask(controller.isr(id, leader));
        assertEquals(List.of(second, third), controller.state(id).elr());

        controller.ask(new AlterTopic("t", AlterTopic.SAME_PARTITIONS, Map.of(), Set.of("min.insync.replicas")));

        assertEquals(List.of(), controller.state(id).elr());
    }

    @Test
    void thePreferredReplicaLeadsWhenItIsAskedFor() {
        ElectPreferred all = new ElectPreferred(List.of());
        ElectPreferred one = new ElectPreferred(List.of(new TopicPartition("t", 0), new TopicPartition("t", 0)));
        controller.silence(leader);
        controller.heartbeat(leader);

        assertEquals(refused(Refusal.PREFERRED_LEADER_NOT_AVAILABLE), controller.ask(one));
        assertEquals(refused(Refusal.PREFERRED_LEADER_NOT_AVAILABLE), controller.ask(all));
        controller.ask(controller.isr(id, leader, second, third));
        assertEquals(new DoneExcept(List.of()), controller.ask(one));
        assertEquals(leader, controller.state(id).leader());

        assertEquals(new DoneExcept(List.of()), controller.ask(one));
        assertEquals(new DoneExcept(List.of()), controller.ask(all));
        assertEquals(
                Refusal.UNKNOWN_TOPIC_OR_PARTITION,
                controller.refusal(new ElectPreferred(List.of(new TopicPartition("t", 1)))));
    }

    @Test
    void thePreferredReplicaLeadsAgainAfterAWhile() {
        long beganNs = controller.nowNs();
        controller.silence(leader);
        controller.heartbeat(leader);
        controller.ask(controller.isr(id, leader, second, third));

        while (controller.nowNs() - beganNs < BALANCE_NS) {
            assertEquals(second, controller.state(id).leader());
            controller.silence();
        }

        assertEquals(leader, controller.state(id).leader());
    }

    @Test
    void othersLeadOnWhereTheClusterDoesNotWantThat() {
        controller.ask(new AlterSettings(Map.of("auto.leader.rebalance.enable", "false"), Set.of()));
        long beganNs = controller.nowNs();
        controller.silence(leader);
        controller.heartbeat(leader);
        controller.ask(controller.isr(id, leader, second, third));

        while (controller.nowNs() - beganNs < 2 * BALANCE_NS) {
            controller.silence();
        }

        assertEquals(second, controller.state(id).leader());
    }

    private void assertRefused(Refusal refusal, IsrChange change) {
        ClusterAnswer answer = controller.ask(
                new AlterPartitions(leader, controller.broker(leader).epoch(), List.of(change)));

        assertEquals(refused(refusal), answer);
        assertEquals(List.of(), controller.events);
    }

    private DoneExcept refused(Refusal refusal) {
        return new DoneExcept(List.of(new RefusedPartition(id, refusal)));
    }
}
