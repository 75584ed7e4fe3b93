package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tidemill.replication.ClusterDescription;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** L05, L06: brokers in JVMs of their own, and datagrams between them that get lost, come twice, late, from elsewhere or forged. */
class ClusterOverRelayTest {
    private static final long SEED = 5;
    private static final int BROKERS = 3;
    private static final int PARTITIONS = 3;
    private static final int ROUNDS = 20;
    private static final int BURST = 200;
    private static final Duration APART = Duration.ofSeconds(4);
    private static final String SECRET = "thirty-two bytes that nobody knows";

    @TempDir
    private Path root;

    private final RandomGenerator random = new SplittableRandom(SEED);
    private Map<Integer, InetSocketAddress> members;
    private UdpRelay relay;
    private JvmCluster cluster;

    private void start(String secret, SimNetworkSettings settings) throws IOException {
        members = JvmCluster.freePorts(InetAddress.getByName("127.0.0.1"), BROKERS);
        relay = new UdpRelay(SEED, settings, members);
        Map<Integer, MemberProcess.Place> places = new TreeMap<>();
        for (int id : members.keySet()) {
            places.put(id, new MemberProcess.Place(List.of(), relay.membersFor(id)));
        }
        cluster = new JvmCluster(root, secret, places, PARTITIONS);
        cluster.startAll();
    }

    @AfterEach
    void end() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
        if (relay != null) {
            relay.close();
        }
    }

    @Test
    void aFloodOfForeignForgedAndRepeatedDatagramsChangesNothing() throws IOException {
        start(SECRET, SimNetworkSettings.perfect());
        cluster.awaitAllInSync();
        cluster.produceEverywhere(1_000);
        cluster.awaitAcknowledged(1_000);
        ClusterDescription before = cluster.describe(1);

        try (DatagramSocket stranger = new DatagramSocket()) {
            for (int round = 0; round < ROUNDS; round++) {
                int id = round % BROKERS + 1;
                flood(stranger, id);
                relay.sayNoise(id, BURST);
                relay.sayAgain(BURST);
                cluster.awaitAcknowledged(100);
            }
        }

        assertEquals(before, cluster.describe(1));
        cluster.stopProducing();
        cluster.endAndRequireEqualLogs();
    }

    /** By who is no broker: noise, and what brokers say. */
    private void flood(DatagramSocket stranger, int brokerId) throws IOException {
        List<byte[]> recorded = relay.recordedTo(brokerId);
        assertFalse(recorded.isEmpty());
        for (int i = 0; i < BURST; i++) {
            byte[] noise = new byte[random.nextInt(1, 1_400)];
            random.nextBytes(noise);
            byte[] bytes = i % 2 == 0 ? noise : recorded.get(random.nextInt(recorded.size()));
            stranger.send(new DatagramPacket(bytes, bytes.length, members.get(brokerId)));
        }
    }

    @Test
    @Tag("long")
    void haveTheSameLogsOverABadNetwork() throws IOException {
        start(ClusterMember.NO_SECRET, bad());
        cluster.produceEverywhere(1_000);
        cluster.awaitAcknowledged(20_000);

        partAndHeal();

        cluster.stopProducing();
        cluster.endAndRequireEqualLogs();
    }

    @Test
    @Tag("long")
    void haveTheSameLogsOverABadNetworkThatIsEncrypted() throws IOException {
        start(SECRET, bad());
        cluster.produceEverywhere(1_000);
        cluster.awaitAcknowledged(20_000);

        partAndHeal();

        cluster.stopProducing();
        cluster.endAndRequireEqualLogs();
    }

    private static SimNetworkSettings bad() {
        return SimNetworkSettings.perfect()
                .withLoss(0.1)
                .withDuplication(0.05)
                .withDelay(Duration.ofNanos(100_000), Duration.ofMillis(4));
    }

    private void partAndHeal() {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            int leader = cluster.leader(1, partition);

            relay.isolate(leader);
            long firstSuccessMs = cluster.firstSuccessMs(partition);
            cluster.listenFor(APART.minusMillis(firstSuccessMs));
            int successor = cluster.leader(leader % BROKERS + 1, partition);
            relay.heal();
            cluster.awaitAcknowledged(1_000);

            System.out.println("parted from the leader: brokerId=" + leader + ", firstSuccessMs=" + firstSuccessMs);
            assertNotEquals(leader, successor);
            cluster.awaitAllInSync();
        }
    }
}
