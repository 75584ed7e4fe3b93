package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.ClusterMetrics;
import io.tidemill.ClusterMetrics.FollowerLag;
import io.tidemill.ClusterMetrics.PeerMetrics;
import io.tidemill.MetricsListener;
import io.tidemill.ProducerRecord;
import io.tidemill.TopicSettings;
import io.tidemill.replication.Cluster;
import io.tidemill.spi.LossyStorage;
import io.tidemill.spi.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** O01: what a cluster tells of itself; whole brokers in virtual time. */
@Timeout(60)
class ClusterMetricsTest {
    private static final int BROKERS = 3;
    private static final TopicSettings SETTINGS = TopicSettings.partitions(1).withReplicationFactor(BROKERS);

    private final VirtualCluster cluster =
            new VirtualCluster(BROKERS, VirtualCluster.AT_ONCE, id -> new LossyStorage(), settings -> settings);

    /** Writes down what a broker is told of its cluster. */
    private static final class Told implements MetricsListener {
        private final List<String> lines = new ArrayList<>();
        private ClusterMetrics opened;

        @Override
        public void onClusterOpened(ClusterMetrics metrics) {
            opened = metrics;
        }

        @Override
        public void onLeaderChange(String topic, int partition, int leaderId, int leaderEpoch) {
            lines.add("leader of " + topic + "-" + partition + ": " + leaderId + " in " + leaderEpoch);
        }

        @Override
        public void onInSyncChange(String topic, int partition, List<Integer> before, List<Integer> inSync) {
            lines.add("in sync of " + topic + "-" + partition + ": " + new TreeSet<>(before) + " to "
                    + new TreeSet<>(inSync));
        }

        @Override
        public void onBrokerChange(int brokerId, boolean isActive) {
            lines.add("broker " + brokerId + (isActive ? " is active" : " is not active"));
        }

        @Override
        public void onControllerChange(int controllerId, long controllerEpoch) {
            lines.add("controller " + controllerId);
        }

        @Override
        public void onPeerChange(int brokerId, boolean isConnected) {
            lines.add("peer " + brokerId + (isConnected ? " is connected" : " is not connected"));
        }
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void send(int id, int count) {
        for (int i = 0; i < count; i++) {
            cluster.await(cluster.topic(id, SETTINGS)
                    .send(ProducerRecord.of("key", "value").toPartition(0)));
        }
    }

    @Test
    void gaugesTellWhoIsThereAndWhatIsMissing() {
        cluster.startAll();
        int leader = cluster.controller(1);
        cluster.topic(leader, SETTINGS);
        cluster.awaitAllInSync();
        ClusterMetrics metrics = cluster.metrics(leader);
        assertEquals(leader, metrics.brokerId());
        assertEquals(leader, metrics.controllerId());
        assertTrue(metrics.controllerEpoch() > 0);
        assertEquals(cluster.describe(leader).metadataEpoch(), metrics.metadataEpoch());
        assertEquals(BROKERS, metrics.activeBrokers());
        assertEquals(0, metrics.inactiveBrokers());
        assertEquals(0, metrics.underReplicatedPartitions());
        assertEquals(
                1,
                cluster.ids().stream()
                        .mapToInt(id -> cluster.metrics(id).ledPartitions())
                        .sum());

        int gone = cluster.otherThan(leader, cluster.leader(leader, 0));
        cluster.kill(gone);
        cluster.run(Duration.ofSeconds(3));

        assertEquals(BROKERS - 1, metrics.activeBrokers());
        assertEquals(1, metrics.inactiveBrokers());
        assertEquals(1, metrics.underReplicatedPartitions());
        assertEquals(0, metrics.offlinePartitions());
        assertEquals(1, metrics.inSyncShrinks());
        assertEquals(0, metrics.inSyncExpansions());
        assertEquals(0, metrics.leaderChanges());

        cluster.start(gone);
        cluster.awaitAllInSync();
        assertEquals(BROKERS, metrics.activeBrokers());
        assertEquals(0, metrics.underReplicatedPartitions());
        assertEquals(1, metrics.inSyncExpansions());
    }

    @Test
    void aPartitionThatNobodyLeadsIsOffline() {
        cluster.startAll();
        TopicSettings alone = TopicSettings.partitions(BROKERS).withReplicationFactor(1);
        cluster.topic(1, alone);
        cluster.run(Duration.ofSeconds(1));
        int gone = cluster.otherThan(cluster.controller(1));
        int asked = cluster.otherThan(gone);

        cluster.kill(gone);
        cluster.run(Duration.ofSeconds(3));

        assertEquals(1, cluster.metrics(asked).offlinePartitions());
        assertEquals(1, cluster.metrics(asked).leaderChanges());
        cluster.start(gone);
        cluster.run(Duration.ofSeconds(3));
        assertEquals(0, cluster.metrics(asked).offlinePartitions());
        assertEquals(2, cluster.metrics(asked).leaderChanges());

        cluster.broker(asked).deleteTopic(VirtualCluster.TOPIC);
        cluster.run(Duration.ofSeconds(1));
        for (int id : cluster.ids()) {
            assertEquals(0, cluster.metrics(id).ledPartitions());
        }
    }

    @Test
    void theLeaderTellsHowFarEachFollowerIsBehindAndWhatItWasSent() {
        cluster.startAll();
        cluster.topic(1, SETTINGS);
        cluster.awaitAllInSync();
        int leader = cluster.leader(1, 0);
        int behind = cluster.otherThan(leader, cluster.controller(1));
        int other = cluster.otherThan(leader, behind);
        ClusterMetrics metrics = cluster.metrics(leader);
        send(leader, 5);
        assertEquals(0, metrics.followerLagMax());
        assertEquals(2, metrics.followers().size());
        assertEquals(10, metrics.replicatedOutRecords());
        assertEquals(5, cluster.metrics(behind).replicatedInRecords());
        assertEquals(
                metrics.replicatedOutBytes(),
                cluster.metrics(behind).replicatedInBytes()
                        + cluster.metrics(other).replicatedInBytes());
        assertEquals(List.of(), cluster.metrics(other).followers());

        cluster.halt(behind);
        for (int i = 0; i < 7; i++) {
            cluster.topic(leader, SETTINGS)
                    .send(ProducerRecord.of("key", "value").toPartition(0));
        }
        cluster.tick();

        assertEquals(7, metrics.followerLagMax());
        assertEquals(
                List.of(7L, 0L),
                List.of(behind, other).stream()
                        .map(id -> metrics.followers().stream()
                                .filter(lag -> lag.brokerId() == id)
                                .map(FollowerLag::records)
                                .findAny()
                                .orElseThrow())
                        .toList());
        cluster.goOn(behind);
        cluster.awaitAllInSync();
        cluster.awaitTrue(() -> metrics.followerLagMax() == 0, "it has caught up");
    }

    @Test
    void aListenerIsToldWhatHappensAndNotWhatHasHappenedBefore() {
        Told told = new Told();
        cluster.listen(1, told);
        cluster.startAll();
        assertSame(told.opened, cluster.metrics(1));
        assertTrue(told.lines.contains("broker 1 is active"), told.lines::toString);
        assertTrue(told.lines.contains("peer 2 is connected"), told.lines::toString);
        assertEquals(
                1,
                told.lines.stream()
                        .filter(line -> line.startsWith("controller"))
                        .count(),
                told.lines::toString);
        cluster.topic(1, SETTINGS);
        cluster.awaitAllInSync();
        int gone = cluster.otherThan(1);
        boolean wasLeader = cluster.leader(1, 0) == gone;
        boolean wasController = cluster.controller(1) == gone;
        told.lines.clear();

        cluster.kill(gone);
        cluster.run(Duration.ofSeconds(5));
        cluster.start(gone);
        cluster.awaitAllInSync();

        List<String> expected = new ArrayList<>();
        expected.add("peer " + gone + " is not connected");
        if (wasController) {
            expected.add("controller " + cluster.controller(1));
        }
        if (wasLeader) {
            expected.add("leader of records-0: " + cluster.leader(1, 0) + " in 1");
        }
        TreeSet<Integer> others = new TreeSet<>(cluster.ids());
        others.remove(gone);
        expected.add("in sync of records-0: " + cluster.ids() + " to " + others);
        expected.add("broker " + gone + " is not active");
        expected.add("peer " + gone + " is connected");
        expected.add("broker " + gone + " is active");
        expected.add("in sync of records-0: " + others + " to " + cluster.ids());
        assertEquals(
                expected.stream().sorted().collect(Collectors.joining("\n")),
                told.lines.stream().sorted().collect(Collectors.joining("\n")));

        Told again = new Told();
        cluster.stop(1);
        cluster.run(Duration.ofSeconds(3));
        cluster.listen(1, again);
        cluster.start(1);
        cluster.awaitAllInSync();
        assertFalse(again.lines.contains("broker " + gone + " is not active"), again.lines::toString);
        assertTrue(again.lines.contains("broker 1 is active"), again.lines::toString);
    }

    @Test
    void theWayToAPeerIsMeasured() {
        cluster.startAll();
        cluster.topic(1, SETTINGS);
        int leader = cluster.leader(1, 0);
        send(leader, 10);

        for (PeerMetrics peer : cluster.metrics(leader).peers()) {
            assertTrue(peer.isConnected());
            assertTrue(peer.roundTripNs() >= 0 && peer.roundTripNs() < 10_000_000, () -> "ns=" + peer.roundTripNs());
            assertEquals(0, peer.resentFrames());
        }
        assertEquals(BROKERS - 1, cluster.metrics(leader).peers().size());

        int away = cluster.otherThan(leader, cluster.controller(1));
        cluster.isolate(away);
        cluster.topic(leader, SETTINGS).send(ProducerRecord.of("key", "value").toPartition(0));
        cluster.tick();
        cluster.network().heal();
        cluster.run(Duration.ofSeconds(1));
        assertTrue(
                cluster.metrics(leader).peers().stream()
                        .anyMatch(peer -> peer.brokerId() == away && peer.resentFrames() > 0),
                "nothing was sent again");
        cluster.kill(away);
        cluster.run(Duration.ofSeconds(3));
        for (PeerMetrics peer : cluster.metrics(leader).peers()) {
            assertEquals(peer.brokerId() != away, peer.isConnected());
        }
    }

    @Test
    void framesThatChangeNothingAreCounted() {
        cluster.startAll();
        long metadataEpoch = cluster.metrics(1).metadataEpoch();
        long before = cluster.metrics(1).foreignFrames();
        try (Transport stranger = cluster.network().join(BROKERS + 1)) {
            stranger.send(1, new UnsafeBuffer(new byte[100]), 0, 100);
        }
        cluster.tick();

        assertEquals(before + 1, cluster.metrics(1).foreignFrames());
        assertEquals(metadataEpoch, cluster.metrics(1).metadataEpoch());
    }

    @Test
    void theFlightRecorderHasTheSame(@TempDir Path directory) throws IOException {
        List<RecordedEvent> events;
        try (Recording recording = new Recording()) {
            for (String type :
                    List.of("LeaderChange", "InSyncChange", "BrokerChange", "ControllerChange", "PeerChange")) {
                recording.enable("io.tidemill." + type);
            }
            recording.start();
            cluster.startAll();
            cluster.topic(1, SETTINGS);
            cluster.awaitAllInSync();
            cluster.kill(cluster.leader(1, 0));
            cluster.run(Duration.ofSeconds(5));
            recording.stop();
            Path file = directory.resolve("recording.jfr");
            recording.dump(file);
            events = RecordingFile.readAllEvents(file);
        }

        assertEquals(
                List.of("BrokerChange", "ControllerChange", "InSyncChange", "LeaderChange", "PeerChange"),
                events.stream()
                        .map(event -> event.getEventType().getName().replace("io.tidemill.", ""))
                        .distinct()
                        .sorted()
                        .toList());
        RecordedEvent leader = events.stream()
                .filter(event -> event.getEventType().getName().equals("io.tidemill.LeaderChange"))
                .findFirst()
                .orElseThrow();
        assertEquals(VirtualCluster.TOPIC, leader.getString("topic"));
        assertEquals(1, leader.getInt("leaderEpoch"));
    }

    @Test
    void aBrokerInNoClusterHasNoneOfThem() {
        try (Broker broker = Broker.inMemory()) {
            assertThrows(IllegalArgumentException.class, () -> Cluster.metrics(broker));
        }
    }
}
