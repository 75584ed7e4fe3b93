package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings.Source;
import io.tidemill.replication.controller.ClusterAnswer.Created;
import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterRequest.AlterSettings;
import io.tidemill.replication.controller.ClusterRequest.AlterTopic;
import io.tidemill.replication.controller.ClusterRequest.CreateTopic;
import io.tidemill.replication.controller.ClusterRequest.DeleteTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** B02, B05, K04: topics of a cluster, and what is set for them and for all. */
class ClusterTopicsTest {
    private final SteppedController controller = new SteppedController(0, 1, 2, 3);

    @Test
    void aTopicHasPartitionsThatAreLedAndInSync() {
        ClusterAnswer answer = controller.ask(new CreateTopic(UUID.randomUUID(), "t", 5, Map.of("retention.ms", "7")));

        assertEquals(new Created(controller.topic("t").id()), answer);
        assertEquals("7", controller.topic("t").settings().get(TopicSetting.RETENTION_MS));
        for (int index = 0; index < 5; index++) {
            PartitionState state =
                    controller.state(new PartitionId(controller.topic("t").id(), index));
            assertEquals(3, state.replicas().size());
            assertEquals(state.replicas(), state.isr());
            assertEquals(state.replicas().get(0), state.leader());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "t, 1, retention.ms, 1, TOPIC_ALREADY_EXISTS",
        "a/b, 1, retention.ms, 1, INVALID_TOPIC",
        "u, 0, retention.ms, 1, INVALID_PARTITIONS",
        "u, 1, retention.mss, 1, INVALID_CONFIG",
        "u, 1, retention.ms, 1h, INVALID_CONFIG",
        "u, 1, replication.factor, 0, INVALID_CONFIG",
        "u, 1, replication.factor, 5, INVALID_REPLICATION_FACTOR"
    })
    void refusesWhatCannotBe(String name, int partitions, String key, String value, Refusal refusal) {
        controller.ask(new CreateTopic(UUID.randomUUID(), "t", 1, Map.of()));

        assertEquals(
                refusal, controller.refusal(new CreateTopic(UUID.randomUUID(), name, partitions, Map.of(key, value))));
    }

    @Test
    void asManyReplicasAsLiveUpToThree() {
        controller.silence(0, 1);

        controller.ask(new CreateTopic(UUID.randomUUID(), "two", 1, Map.of()));
        assertEquals(2, partition("two", 0).replicas().size());
        assertEquals(
                Refusal.INVALID_REPLICATION_FACTOR,
                controller.refusal(new CreateTopic(UUID.randomUUID(), "three", 1, Map.of("replication.factor", "3"))));
        controller.silence(2, 3);
        assertEquals(
                Refusal.INVALID_REPLICATION_FACTOR,
                controller.refusal(new CreateTopic(UUID.randomUUID(), "none", 1, Map.of())));
    }

    @Test
    void theClusterSaysHowManyReplicas() {
        controller.ask(new AlterSettings(Map.of("default.replication.factor", "4"), Set.of()));

        controller.ask(new CreateTopic(UUID.randomUUID(), "t", 1, Map.of()));

        assertEquals(4, partition("t", 0).replicas().size());
    }

    @Test
    void aTopicGrowsByPartitionsLikeThoseThatThereAre() {
        controller.ask(new CreateTopic(UUID.randomUUID(), "t", 1, Map.of("replication.factor", "2")));
        PartitionState first = partition("t", 0);

        assertEquals(new Done(), controller.ask(new AlterTopic("t", 3, Map.of(), Set.of())));

        assertEquals(first, partition("t", 0));
        assertEquals(2, partition("t", 1).replicas().size());
        assertEquals(2, partition("t", 2).replicas().size());
        assertEquals(Refusal.INVALID_PARTITIONS, controller.refusal(new AlterTopic("t", 2, Map.of(), Set.of())));
        assertEquals(Refusal.INVALID_PARTITIONS, controller.refusal(new AlterTopic("t", 0, Map.of(), Set.of())));
        controller.silence(0, 1, 2);
        assertEquals(
                Refusal.INVALID_REPLICATION_FACTOR, controller.refusal(new AlterTopic("t", 4, Map.of(), Set.of())));
    }

    @Test
    void settingsChangeThoughFewBrokersLive() {
        controller.ask(new CreateTopic(UUID.randomUUID(), "t", 1, Map.of()));
        controller.silence(0, 1, 2);

        assertEquals(new Done(), controller.ask(alteration(Map.of("retention.ms", "5"), Set.of())));
        assertEquals("5", controller.topic("t").settings().get(TopicSetting.RETENTION_MS));
        controller.ask(alteration(Map.of("retention.ms", "5"), Set.of()));
        assertEquals(List.of(), controller.events);
        controller.ask(alteration(Map.of(), Set.of("retention.ms")));
        assertEquals(Source.DEFAULT, controller.topic("t").settings().source(TopicSetting.RETENTION_MS));
    }

    @Test
    void refusesAlterationsThatCannotBe() {
        controller.ask(new CreateTopic(UUID.randomUUID(), "t", 1, Map.of()));

        assertEquals(Refusal.INVALID_CONFIG, controller.refusal(alteration(Map.of("retention.ms", "1h"), Set.of())));
        assertEquals(Refusal.INVALID_CONFIG, controller.refusal(alteration(Map.of(), Set.of("retention.mss"))));
        assertEquals(
                Refusal.INVALID_CONFIG, controller.refusal(alteration(Map.of("replication.factor", "2"), Set.of())));
        assertEquals(
                Refusal.UNKNOWN_TOPIC_OR_PARTITION, controller.refusal(new AlterTopic("u", 3, Map.of(), Set.of())));
    }

    @Test
    void aTopicThatIsGoneIsGoneWithItsPartitions() {
        controller.ask(new CreateTopic(UUID.randomUUID(), "t", 1, Map.of()));
        PartitionId id = new PartitionId(controller.topic("t").id(), 0);

        assertEquals(new Done(), controller.ask(new DeleteTopic("t")));

        assertNull(controller.core.partition(id));
        assertNull(controller.core.topic("t"));
        assertEquals(Refusal.UNKNOWN_TOPIC_OR_PARTITION, controller.refusal(new DeleteTopic("t")));
    }

    @Test
    void whatIsSetForTheClusterHoldsWhereATopicSaysNothing() {
        controller.ask(new CreateTopic(UUID.randomUUID(), "t", 1, Map.of()));
        PartitionId id = new PartitionId(controller.topic("t").id(), 0);
        controller.ask(new AlterSettings(Map.of("min.insync.replicas", "3", "retention.ms", "5"), Set.of()));
        PartitionState state = controller.state(id);
        controller.ask(controller.isr(id, state.leader()));

        assertEquals(3, controller.core.settings(controller.topic("t")).minInsyncReplicas());
        assertEquals(2, controller.state(id).elr().size());
        controller.ask(new AlterSettings(Map.of(), Set.of("min.insync.replicas")));

        assertEquals(List.of(), controller.state(id).elr());
        assertEquals(Map.of("retention.ms", "5"), controller.core.settings());
        controller.ask(new AlterSettings(Map.of("retention.ms", "5"), Set.of("min.insync.replicas")));
        assertEquals(List.of(), controller.events);
    }

    @Test
    void theSessionTimeoutChangesWithoutARestart() {
        controller.ask(new AlterSettings(Map.of("broker.session.timeout.ms", "200"), Set.of()));
        controller.core.brokers().forEach(broker -> controller.heartbeat(broker.id()));

        controller.pass(199_999_999);
        assertEquals(List.of(), controller.events);
        controller.pass(1);
        assertEquals(4, controller.events.size());
    }

    @Test
    void manyLeadersAreBalancedAFewAtATime() {
        controller.silence(2, 3);
        controller.ask(new CreateTopic(UUID.randomUUID(), "t", 2 * PartitionDecisions.BALANCED_MAX + 20, Map.of()));
        List<PartitionId> moved = new ArrayList<>();
        for (int index = 0; index < controller.topic("t").settings().partitions(); index++) {
            PartitionId id = new PartitionId(controller.topic("t").id(), index);
            if (controller.state(id).leader() == 0) {
                moved.add(id);
            }
        }
        assertEquals(PartitionDecisions.BALANCED_MAX + 10, moved.size());
        controller.silence(0);
        controller.heartbeat(0);
        moved.forEach(id -> controller.ask(controller.isr(id, 0, 1)));
        while (moved.stream().noneMatch(id -> controller.state(id).leader() == 0)) {
            controller.heartbeat(0);
            controller.heartbeat(1);
            controller.pass(SteppedController.SESSION_NS / 2);
        }

        long balanced =
                moved.stream().filter(id -> controller.state(id).leader() == 0).count();
        assertEquals(PartitionDecisions.BALANCED_MAX, balanced);
        assertEquals(0, controller.core.quietNs(controller.nowNs()));
        controller.pass(0);
        assertEquals(10, controller.events.size());
        assertTrue(controller.core.quietNs(controller.nowNs()) > 0);
    }

    @Test
    void whatABrokerBringsAlongCountsUntilSomethingIsSet() {
        Map<ClusterSetting, String> own = Map.of(ClusterSetting.BROKER_SESSION_TIMEOUT_MS, "200");
        ClusterCore core = new ClusterCore(own, controller.core.snapshot(), new Random(1));
        core.onElected(0, brokerId -> 0);

        assertEquals(200_000_000, core.quietNs(0));
        Decision decision = core.decide(new AlterSettings(Map.of("broker.session.timeout.ms", "300"), Set.of()), 0);
        core.replay(decision.events());

        assertEquals(300_000_000, core.quietNs(0));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ClusterCore(
                        Map.of(ClusterSetting.BROKER_SESSION_TIMEOUT_MS, "0"), ClusterSnapshot.empty(), new Random(1)));
    }

    @ParameterizedTest
    @CsvSource({
        "broker.session.timeout, 5, did you mean broker.session.timeout.ms?",
        "retention.mss, 5, did you mean retention.ms?",
        "replication.factor, 2, did you mean default.replication.factor?",
        "broker.session.timeout.ms, 9s, a whole number from 1: broker.session.timeout.ms=9s",
        "broker.session.timeout.ms, 0, a whole number from 1: broker.session.timeout.ms=0",
        "auto.leader.rebalance.enable, yes, true or false: auto.leader.rebalance.enable=yes",
        "default.replication.factor, 0, or -1: default.replication.factor=0",
        "min.insync.replicas, 0, min.insync.replicas=0",
        "leader.imbalance.check.interval.seconds, x, a whole number from 1: leader.imbalance.check.interval.seconds=x"
    })
    void refusesUnknownAndIllTypedSettingsOfAClusterAndSaysWhatIsMeant(String key, String value, String said) {
        Refused refused = (Refused) controller.ask(new AlterSettings(Map.of(key, value), Set.of()));

        assertEquals(Refusal.INVALID_CONFIG, refused.refusal());
        assertTrue(refused.message().contains(said), refused.message());
    }

    @Test
    void refusesToUnsetWhatThereIsNot() {
        assertEquals(Refusal.INVALID_CONFIG, controller.refusal(new AlterSettings(Map.of(), Set.of("retention.mss"))));
    }

    private static AlterTopic alteration(Map<String, String> set, Set<String> unset) {
        return new AlterTopic("t", AlterTopic.SAME_PARTITIONS, set, unset);
    }

    private PartitionState partition(String topic, int index) {
        return controller.state(new PartitionId(controller.topic(topic).id(), index));
    }
}
