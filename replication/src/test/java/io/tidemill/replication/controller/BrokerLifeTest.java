package io.tidemill.replication.controller;

import static io.tidemill.replication.controller.SteppedController.SESSION_NS;
import static io.tidemill.replication.controller.SteppedController.registration;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicPartition;
import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterAnswer.Heard;
import io.tidemill.replication.controller.ClusterAnswer.ProducerIds;
import io.tidemill.replication.controller.ClusterEvent.BrokerFenced;
import io.tidemill.replication.controller.ClusterEvent.BrokerUnfenced;
import io.tidemill.replication.controller.ClusterRequest.AlterPartitions;
import io.tidemill.replication.controller.ClusterRequest.GiveProducerIds;
import io.tidemill.replication.controller.ClusterRequest.Heartbeat;
import io.tidemill.replication.controller.ClusterRequest.Reassign;
import io.tidemill.replication.controller.ClusterRequest.RemoveBroker;
import java.util.List;
import org.junit.jupiter.api.Test;

/** K01: who is a broker of the cluster, who lives, and who may go. */
class BrokerLifeTest {
    @Test
    void isFencedUntilItKnowsOfItself() {
        SteppedController controller = new SteppedController(1);
        long epoch = controller.register(0, 1);

        assertTrue(controller.heartbeat(0, epoch - 1, false).isFenced());
        assertFalse(controller.heartbeat(0, epoch, false).isFenced());

        assertEquals(List.of(new BrokerUnfenced(0)), controller.events);
        assertTrue(controller.broker(0).isActive());
    }

    @Test
    void isFencedAfterExactlyTheSessionAndReturnsWhenHeardOf() {
        SteppedController controller = new SteppedController(0);

        controller.pass(SESSION_NS - 1);
        assertEquals(List.of(), controller.events);
        assertEquals(1, controller.core.quietNs(controller.nowNs()));
        controller.pass(1);
        assertEquals(List.of(new BrokerFenced(0)), controller.events);

        assertEquals(new Heard(false, false), controller.heartbeat(0));
        assertTrue(controller.broker(0).isActive());
    }

    @Test
    void isHeardOfThoughItsRequestWaits() {
        SteppedController controller = new SteppedController(0);

        controller.pass(SESSION_NS - 1);
        controller.core.onHeard(0, controller.broker(0).epoch() + 1, controller.nowNs());
        assertEquals(1, controller.core.quietNs(controller.nowNs()));
        controller.core.onHeard(0, controller.broker(0).epoch(), controller.nowNs());

        controller.pass(SESSION_NS - 1);
        assertEquals(List.of(), controller.events);
    }

    @Test
    void hasAFullSessionAtAControllerThatHasNotListenedYet() {
        SteppedController controller = new SteppedController(0);

        controller.pass(SESSION_NS - 1);
        controller.elect(0);
        controller.pass(SESSION_NS - 1);
        assertEquals(List.of(), controller.events);

        controller.pass(1);
        assertEquals(List.of(new BrokerFenced(0)), controller.events);
    }

    @Test
    void isNotGivenAnotherSessionByAControllerThatHasHeardNothingOfIt() {
        SteppedController controller = new SteppedController(0, 1);

        controller.pass(1);
        controller.elect(SESSION_NS - 2);
        controller.heartbeat(1);
        controller.pass(1);
        assertEquals(List.of(), controller.events);

        controller.pass(1);
        assertEquals(List.of(new BrokerFenced(0)), controller.events);
    }

    @Test
    void keepsItsPlaceAsLongAsItMayLive() {
        SteppedController controller = new SteppedController(0);

        controller.pass(SESSION_NS - 1);
        assertEquals(Refusal.DUPLICATE_BROKER_REGISTRATION, controller.refusal(registration(0, 2, false)));
        controller.pass(1);
        controller.register(0, 2);

        assertTrue(controller.broker(0).isFenced());
    }

    @Test
    void losesItsPlaceAtOnceWhenItHasStopped() {
        SteppedController controller = new SteppedController(0);
        controller.heartbeat(0, controller.core.metadataEpoch(), true);

        assertEquals(new Heard(true, true), controller.heartbeat(0, controller.core.metadataEpoch(), true));
        long epoch = controller.register(0, 2);

        assertEquals(controller.core.metadataEpoch(), epoch);
    }

    @Test
    void registersAgainAsWhoItIs() {
        SteppedController controller = new SteppedController();
        long epoch = controller.register(0, 1);
        controller.heartbeat(0);

        assertEquals(epoch, controller.register(0, 1));

        assertEquals(List.of(), controller.events);
        assertTrue(controller.broker(0).isActive());
    }

    @Test
    void isNotTakenForWhoItWas() {
        SteppedController controller = new SteppedController(0);
        long epoch = controller.broker(0).epoch();
        controller.pass(SESSION_NS);
        controller.register(0, 2);

        assertEquals(Refusal.STALE_BROKER_EPOCH, controller.refusal(new Heartbeat(0, epoch, 9, false)));
        assertEquals(Refusal.STALE_BROKER_EPOCH, controller.refusal(new GiveProducerIds(0, epoch)));
        assertEquals(Refusal.STALE_BROKER_EPOCH, controller.refusal(new AlterPartitions(0, epoch, List.of())));
        assertEquals(Refusal.BROKER_ID_NOT_REGISTERED, controller.refusal(new Heartbeat(7, epoch, 9, false)));
        assertEquals(Refusal.INVALID_REQUEST, controller.refusal(registration(-1, 1, false)));
    }

    /** The controller may not have looked yet whose session is over. */
    @Test
    void leadsNothingThatItLedAsAnother() {
        SteppedController controller = new SteppedController(0);
        PartitionId id = controller.create(1, 1);
        long overNs = controller.nowNs() + SESSION_NS;

        Decision decision = controller.core.decide(registration(0, 2, false), overNs);
        controller.core.replay(decision.events());

        PartitionState state = controller.state(id);
        assertFalse(state.hasLeader());
        assertEquals(List.of(0), state.elr());
        controller.heartbeat(0);
        assertEquals(0, controller.state(id).leader());
        assertEquals(state.leaderEpoch() + 1, controller.state(id).leaderEpoch());
    }

    @Test
    void stopsWhenEverybodyKnowsWhoLeads() {
        SteppedController controller = new SteppedController(0, 1);
        PartitionId id = controller.create(2, 1);
        int leader = controller.state(id).leader();
        int other = 1 - leader;
        controller.heartbeat(other);

        long asked = controller.core.metadataEpoch();
        assertEquals(new Heard(false, false), controller.heartbeat(leader, asked, true));
        assertEquals(other, controller.state(id).leader());
        assertEquals(List.of(other), controller.state(id).isr());
        assertEquals(new Heard(false, false), controller.heartbeat(leader, asked, true));

        controller.heartbeat(other, asked, false);
        assertEquals(new Heard(false, false), controller.heartbeat(leader, asked, true));
        controller.heartbeat(other, asked + 1, false);
        assertEquals(new Heard(true, true), controller.heartbeat(leader, asked, true));
        assertTrue(controller.broker(leader).isFenced());
    }

    @Test
    void stopsAtOnceWhenItIsFenced() {
        SteppedController controller = new SteppedController(1);
        controller.register(0, 1);

        assertEquals(new Heard(true, true), controller.heartbeat(0, 0, true));
        assertEquals(List.of(), controller.events);
    }

    @Test
    void mayChangeItsMind() {
        SteppedController controller = new SteppedController(0, 1);
        PartitionId id = controller.create(1, 1);
        int leader = controller.state(id).leader();

        controller.heartbeat(leader, controller.core.metadataEpoch(), true);
        assertFalse(controller.state(id).hasLeader());
        controller.heartbeat(leader);

        assertTrue(controller.broker(leader).isActive());
        assertEquals(leader, controller.state(id).leader());
    }

    @Test
    void isRemovedWhenItIsSilentAndKeepsNothing() {
        SteppedController controller = new SteppedController(0, 1);
        PartitionId id = controller.create(2, 1);

        assertEquals(Refusal.INVALID_REQUEST, controller.refusal(new RemoveBroker(1)));
        controller.silence(1);
        assertEquals(Refusal.INVALID_REQUEST, controller.refusal(new RemoveBroker(1)));
        controller.ask(new Reassign(new TopicPartition("t", 0), List.of(0)));
        assertEquals(List.of(0), controller.state(id).replicas());
        assertEquals(new Done(), controller.ask(new RemoveBroker(1)));

        assertEquals(Refusal.BROKER_ID_NOT_REGISTERED, controller.refusal(new RemoveBroker(1)));
        controller.open(1);
        assertTrue(controller.broker(1).isActive());
    }

    @Test
    void getsProducerIdsThatNobodyElseGets() {
        SteppedController controller = new SteppedController(0, 1);

        ClusterAnswer first =
                controller.ask(new GiveProducerIds(0, controller.broker(0).epoch()));
        ClusterAnswer second =
                controller.ask(new GiveProducerIds(1, controller.broker(1).epoch()));

        assertEquals(new ProducerIds(0, 1_000), first);
        assertEquals(new ProducerIds(1_000, 1_000), second);
    }
}
