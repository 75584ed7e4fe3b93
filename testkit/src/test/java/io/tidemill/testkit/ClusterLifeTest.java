package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.ClusterMetrics;
import io.tidemill.TopicSettings;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.BrokerState;
import io.tidemill.replication.ClusterDescription.Liveness;
import io.tidemill.spi.LossyStorage;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** K01, K02, K05: who lives, and what brokers know of the cluster; whole brokers in virtual time. */
@Timeout(60)
class ClusterLifeTest {
    private static final int BROKERS = 3;
    private static final Duration SESSION = Duration.ofMillis(1_500);
    private static final Duration ELECTION = Duration.ofMillis(500);
    /** How often the leader of the metadata log says how far it is agreed on. */
    private static final Duration METADATA_ROUND = ELECTION.dividedBy(5);

    @Test
    void aSilentBrokerIsFencedAfterExactlyTheSessionTimeoutAndUnfencedWhenItReturns() {
        // It says in each moment that it lives, so that the last time is known.
        try (VirtualCluster cluster =
                VirtualCluster.of(BROKERS, settings -> settings.withSession(SESSION, VirtualCluster.TICK))) {
            int controller = cluster.controller(1);
            int silent = cluster.otherThan(controller);
            cluster.run(Duration.ofSeconds(5));

            cluster.halt(silent);
            cluster.run(SESSION.minus(VirtualCluster.TICK));
            assertEquals(BROKERS, cluster.metrics(controller).activeBrokers());
            assertEquals(Liveness.ACTIVE, state(cluster, controller, silent).liveness());
            cluster.tick();

            assertEquals(BROKERS - 1, cluster.metrics(controller).activeBrokers());
            assertEquals(Liveness.FENCED, state(cluster, controller, silent).liveness());

            cluster.run(Duration.ofSeconds(5));
            cluster.goOn(silent);
            cluster.awaitTrue(() -> cluster.metrics(controller).activeBrokers() == BROKERS, "it is active again");
            cluster.awaitTrue(() -> cluster.metrics(silent).isActive(), "it knows that it is");
            assertEquals(Liveness.ACTIVE, state(cluster, controller, silent).liveness());
        }
    }

    private static BrokerState state(VirtualCluster cluster, int asked, int brokerId) {
        return cluster.describe(asked).brokers().stream()
                .filter(broker -> broker.id() == brokerId)
                .findAny()
                .orElseThrow();
    }

    @Test
    void everyLiveBrokerReportsTheSameMetadataEpochWithinOneRoundAndEpochsNeverGoBack() {
        SplittableRandom random = new SplittableRandom(1);
        Map<Integer, Long> reported = new HashMap<>();
        try (VirtualCluster cluster = VirtualCluster.of(BROKERS, settings -> settings.withElectionTimeout(ELECTION))) {
            for (int change = 0; change < 30; change++) {
                switch (change % 5) {
                    case 0, 1 ->
                        cluster.broker(1 + random.nextInt(BROKERS))
                                .createTopic("topic-" + change, TopicSettings.partitions(2));
                    case 2 ->
                        cluster.broker(1 + random.nextInt(BROKERS))
                                .alterTopic("topic-" + (change - 1), now -> now.withPartitions(3));
                    case 3 -> restart(cluster, 1 + random.nextInt(BROKERS), change % 2 == 0, reported);
                    default -> cluster.broker(1 + random.nextInt(BROKERS)).deleteTopic("topic-" + (change - 3));
                }

                long epoch = newest(cluster);
                requireNoneBack(cluster, reported);
                cluster.run(METADATA_ROUND);
                for (int id : cluster.ids()) {
                    assertTrue(
                            cluster.metrics(id).metadataEpoch() >= epoch,
                            "id=" + id + ", metadataEpoch="
                                    + cluster.metrics(id).metadataEpoch() + ", newest=" + epoch + ", change=" + change);
                }
                requireNoneBack(cluster, reported);
            }
            cluster.run(Duration.ofSeconds(1));
            long epoch = newest(cluster);
            cluster.ids().forEach(id -> assertEquals(epoch, cluster.describe(id).metadataEpoch()));
            assertTrue(epoch > 30, "metadataEpoch=" + epoch);
        }
    }

    private static void restart(VirtualCluster cluster, int id, boolean isKilled, Map<Integer, Long> reported) {
        requireNoneBack(cluster, reported);
        if (isKilled) {
            cluster.kill(id);
        } else {
            cluster.stop(id);
        }
        cluster.run(SESSION.multipliedBy(2));
        requireNoneBack(cluster, reported);
        cluster.start(id);
    }

    private static long newest(VirtualCluster cluster) {
        return cluster.live().stream()
                .mapToLong(id -> cluster.metrics(id).metadataEpoch())
                .max()
                .orElseThrow();
    }

    /** A broker that was just opened says nothing before it takes part. */
    private static void requireNoneBack(VirtualCluster cluster, Map<Integer, Long> reported) {
        for (int id : cluster.live()) {
            long epoch = cluster.describe(id).metadataEpoch();
            Long before = reported.put(id, epoch);
            assertTrue(
                    before == null || epoch >= before, "id=" + id + ", metadataEpoch=" + epoch + ", before=" + before);
        }
    }

    /** Without that, nobody decides anything until the others have found out that it is gone. */
    @Test
    void aControllerThatIsClosedHandsOverToAnotherOne() {
        try (VirtualCluster cluster = VirtualCluster.of(BROKERS, settings -> settings.withElectionTimeout(ELECTION))) {
            int controller = cluster.controller(1);
            int other = cluster.otherThan(controller);

            cluster.stop(controller);

            Duration before = cluster.clock().elapsed();
            assertNotEquals(controller, cluster.controller(other));
            assertNotEquals(ClusterMetrics.NOBODY, cluster.controller(other));
            cluster.topic(other, TopicSettings.partitions(1).withReplicationFactor(2));
            Duration took = cluster.clock().elapsed().minus(before);
            assertTrue(took.compareTo(ELECTION.dividedBy(2)) < 0, () -> "took=" + took);
        }
    }

    @Test
    void describeTellsOfEachBrokerSinceWhenItLivesWhatItLeadsAndFollowsAndItsState() {
        try (VirtualCluster cluster =
                new VirtualCluster(BROKERS, VirtualCluster.AT_ONCE, id -> new LossyStorage(), settings -> settings)) {
            Map<Integer, Long> startedMs = new HashMap<>();
            for (int id : cluster.ids()) {
                cluster.run(Duration.ofMillis(10));
                startedMs.put(id, cluster.clock().epochMs());
                cluster.start(id);
            }
            cluster.awaitTrue(() -> cluster.metrics(1).activeBrokers() == BROKERS, "all are active");
            cluster.topic(1, TopicSettings.partitions(6).withReplicationFactor(2));
            cluster.run(Duration.ofSeconds(1));

            for (int asked : cluster.ids()) {
                requireDescribed(cluster.describe(asked), startedMs, Map.of());
            }

            int fenced = cluster.otherThan(cluster.controller(1));
            int asked = cluster.otherThan(fenced);
            cluster.kill(fenced);
            cluster.run(Duration.ofSeconds(3));
            requireDescribed(cluster.describe(asked), startedMs, Map.of(fenced, Liveness.FENCED));
            assertEquals(0, state(cluster, asked, fenced).leads());
            assertFalse(cluster.describe(asked).underReplicated().isEmpty());

            startedMs.put(fenced, cluster.clock().epochMs());
            cluster.start(fenced);
            cluster.awaitAllInSync();
            requireDescribed(cluster.describe(asked), startedMs, Map.of());
        }
    }

    private static void requireDescribed(
            ClusterDescription described, Map<Integer, Long> startedMs, Map<Integer, Liveness> others) {
        assertEquals(BROKERS, described.brokers().size());
        for (BrokerState broker : described.brokers()) {
            assertEquals(startedMs.get(broker.id()), broker.startedMs(), described::toString);
            assertEquals(others.getOrDefault(broker.id(), Liveness.ACTIVE), broker.liveness(), described::toString);
            assertEquals(
                    described.partitions().stream()
                            .filter(partition -> partition.leader() == broker.id())
                            .count(),
                    broker.leads(),
                    described::toString);
            assertEquals(
                    described.partitions().stream()
                            .filter(partition ->
                                    partition.replicas().contains(broker.id()) && partition.leader() != broker.id())
                            .count(),
                    broker.follows(),
                    described::toString);
        }
        assertEquals(
                12,
                described.brokers().stream()
                        .mapToInt(broker -> broker.leads() + broker.follows())
                        .sum());
    }
}
