package io.tidemill.replication.controller;

import static io.tidemill.replication.controller.SteppedController.registration;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tidemill.TopicPartition;
import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterRequest.AlterTopic;
import io.tidemill.replication.controller.ClusterRequest.CancelReassignment;
import io.tidemill.replication.controller.ClusterRequest.Reassign;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Partitions move from brokers to brokers. */
class ReassignmentTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final CancelReassignment CANCEL = new CancelReassignment(PARTITION);

    private final SteppedController controller = new SteppedController(0, 1);
    private final PartitionId id = controller.create(2, 1);
    private final int leader = controller.state(id).leader();
    private final int other = 1 - leader;

    ReassignmentTest() {
        controller.open(2);
        controller.open(3);
    }

    @Test
    void thoseThatHaveItGoWhenThoseThatAreToHaveItAreInSync() {
        assertEquals(new Done(), controller.ask(new Reassign(PARTITION, List.of(2, 3))));
        assertEquals(List.of(2, 3, leader, other), controller.state(id).replicas());
        assertEquals(leader, controller.state(id).leader());

        controller.ask(controller.isr(id, leader, other, 2));
        controller.ask(controller.isr(id, leader, 2, 3));

        assertEquals(Assignment.of(List.of(2, 3)), controller.state(id).assignment());
        assertEquals(List.of(2, 3), controller.state(id).isr());
        assertEquals(2, controller.state(id).leader());
        assertEquals(1, controller.state(id).leaderEpoch());
    }

    @Test
    void thoseThatHaveItAlreadyAreEnoughAtOnce() {
        controller.ask(new Reassign(PARTITION, List.of(other)));

        assertEquals(Assignment.of(List.of(other)), controller.state(id).assignment());
        assertEquals(other, controller.state(id).leader());
        controller.ask(new Reassign(PARTITION, List.of(other)));
        assertEquals(List.of(), controller.events);
    }

    @Test
    void aMoveIsTakenBack() {
        controller.ask(new Reassign(PARTITION, List.of(2)));
        controller.ask(controller.isr(id, leader));

        assertEquals(new Done(), controller.ask(CANCEL));

        assertEquals(Set.of(0, 1), Set.copyOf(controller.state(id).replicas()));
        assertFalse(controller.state(id).assignment().isMoving());
        assertEquals(List.of(leader), controller.state(id).isr());
        assertEquals(Refusal.NO_REASSIGNMENT_IN_PROGRESS, controller.refusal(CANCEL));
    }

    @Test
    void anotherMoveTakesThePlaceOfOneThatIsUnderWay() {
        controller.ask(new Reassign(PARTITION, List.of(2, 3)));
        controller.ask(controller.isr(id, leader, 2));

        controller.ask(new Reassign(PARTITION, List.of(3)));

        assertEquals(
                new Assignment(List.of(3, leader, other), List.of(3), List.of(leader, other)),
                controller.state(id).assignment());
        assertEquals(List.of(leader), controller.state(id).isr());
    }

    /** Nobody but the new replica has everything, and it would go. */
    @Test
    void whoAloneHasEverythingIsNotLetGo() {
        controller.ask(new Reassign(PARTITION, List.of(2, 3)));
        controller.ask(controller.isr(id, leader, 2));
        controller.silence(leader);
        assertEquals(List.of(2), controller.state(id).isr());

        assertEquals(Refusal.INVALID_REPLICA_ASSIGNMENT, controller.refusal(CANCEL));
        assertEquals(Refusal.INVALID_REPLICA_ASSIGNMENT, controller.refusal(new Reassign(PARTITION, List.of(3))));

        controller.ask(new AlterTopic(
                "t", AlterTopic.SAME_PARTITIONS, Map.of("unclean.leader.election.enable", "true"), Set.of()));
        assertEquals(new Done(), controller.ask(CANCEL));
        assertEquals(List.of(other), controller.state(id).isr());
    }

    @Test
    void whoLedLastIsNotLetGoWhenAllTailsAreLost() {
        controller.ask(new Reassign(PARTITION, List.of(2, 3)));
        controller.ask(controller.isr(id, leader, 2));
        controller.silence(leader);
        controller.silence(2);
        controller.ask(registration(2, 2, true));

        assertEquals(Refusal.INVALID_REPLICA_ASSIGNMENT, controller.refusal(CANCEL));
        controller.heartbeat(2);
        assertEquals(2, controller.state(id).leader());
    }

    @Test
    void replicasAreBrokersEachOnce() {
        assertEquals(Refusal.INVALID_REPLICA_ASSIGNMENT, controller.refusal(new Reassign(PARTITION, List.of())));
        assertEquals(Refusal.INVALID_REPLICA_ASSIGNMENT, controller.refusal(new Reassign(PARTITION, List.of(2, 2))));
        assertEquals(Refusal.INVALID_REPLICA_ASSIGNMENT, controller.refusal(new Reassign(PARTITION, List.of(2, 9))));
        TopicPartition unknown = new TopicPartition("t", 1);
        assertEquals(Refusal.UNKNOWN_TOPIC_OR_PARTITION, controller.refusal(new Reassign(unknown, List.of(2))));
    }
}
