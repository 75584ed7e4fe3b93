package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** L01, L02, L04, L07: brokers in JVMs of their own, which talk over UDP, are killed, halted and started again. */
class ClusterOfJvmsTest {
    private static final int BROKERS = 3;
    private static final int PARTITIONS = 3;
    private static final Duration FAILOVER_MAX = Duration.ofSeconds(3);
    private static final String SECRET = "thirty-two bytes that nobody knows";

    @TempDir
    private Path root;

    private JvmCluster cluster;

    @AfterEach
    void end() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private void start(String secret) throws IOException {
        start(secret, InetAddress.getByName("127.0.0.1"));
    }

    private void start(String secret, InetAddress loopback) throws IOException {
        cluster = new JvmCluster(root, secret, JvmCluster.onLoopback(loopback, BROKERS), PARTITIONS);
        cluster.startAll();
    }

    @Test
    void keepTheSameBatchesByteForByte() throws IOException {
        replicate(100_000);
    }

    @Test
    @Tag("long")
    void keepTheSameMillionByteForByte() throws IOException {
        replicate(1_000_000);
    }

    private void replicate(int records) throws IOException {
        start(ClusterMember.NO_SECRET);

        long startNs = System.nanoTime();
        cluster.produce(1, records / 2, 0);
        cluster.produce(2, records / 2, 0);
        cluster.awaitProduced();
        long acknowledgedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);

        List<Integer> sizes = cluster.endAndRequireEqualLogs();
        assertEquals(records, sizes.stream().mapToInt(Integer::intValue).sum());
        System.out.println("replicated: records=" + records + ", acknowledgedMs=" + acknowledgedMs);
    }

    @Test
    void goOnWithinSecondsWhenALeaderIsKilled() throws IOException {
        start(ClusterMember.NO_SECRET);
        killLeaders(1);
    }

    @Test
    @Tag("long")
    void goOnWithinSecondsWhenLeadersAreKilledAgainAndAgain() throws IOException {
        start(SECRET);
        killLeaders(10);
    }

    private void killLeaders(int times) {
        for (int i = 0; i < times; i++) {
            int partition = i % PARTITIONS;
            cluster.awaitAllInSync();
            int leader = cluster.leader(cluster.live(), partition);
            int producer = leader % BROKERS + 1;
            cluster.produce(producer, Long.MAX_VALUE, 2_000);
            cluster.awaitAcknowledged(1_000);

            cluster.kill(leader);
            long firstSuccessMs = cluster.firstSuccessMs(partition);

            System.out.println("killed the leader: brokerId=" + leader + ", firstSuccessMs=" + firstSuccessMs);
            assertTrue(firstSuccessMs <= FAILOVER_MAX.toMillis(), "firstSuccessMs=" + firstSuccessMs);
            cluster.stopProducing();
            cluster.start(leader);
        }
        cluster.endAndRequireEqualLogs();
    }

    @Test
    @Tag("long")
    void loseAndDoubleNothingWhenALeaderHaltsAndComesBack() throws IOException {
        start(ClusterMember.NO_SECRET);
        cluster.produceEverywhere(1_000);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            cluster.awaitAcknowledged(1_000);
            int leader = cluster.leader(1, partition);

            cluster.halt(leader);
            long firstSuccessMs = cluster.firstSuccessMs(partition);
            cluster.listenFor(Duration.ofSeconds(5).minusMillis(firstSuccessMs));
            int successor = cluster.leader(leader % BROKERS + 1, partition);
            cluster.goOn(leader);
            cluster.awaitAcknowledged(1_000);

            System.out.println("halted the leader: brokerId=" + leader + ", firstSuccessMs=" + firstSuccessMs);
            assertNotEquals(leader, successor);
            cluster.awaitAllInSync();
        }
        cluster.stopProducing();
        cluster.endAndRequireEqualLogs();
    }

    @Test
    @Tag("long")
    void loseAndDoubleNothingWhenEachIsKilledInTurn() throws IOException {
        start(SECRET);
        for (int round = 0; round < 2; round++) {
            for (int id = 1; id <= BROKERS; id++) {
                cluster.produce(id % BROKERS + 1, Long.MAX_VALUE, 2_000);
                cluster.awaitAcknowledged(2_000);
                cluster.kill(id);
                cluster.awaitAcknowledged(2_000);
                cluster.start(id);
                cluster.awaitAllInSync();
                cluster.stopProducing();
            }
        }
        cluster.endAndRequireEqualLogs();
    }

    @Test
    @Tag("long")
    void loseAndDoubleNothingWhenEachIsClosedInTurn() throws IOException {
        start(ClusterMember.NO_SECRET);
        for (int id = 1; id <= BROKERS; id++) {
            cluster.produce(id % BROKERS + 1, Long.MAX_VALUE, 2_000);
            cluster.awaitAcknowledged(2_000);
            cluster.leave(id);
            cluster.awaitAcknowledged(2_000);
            cluster.start(id);
            cluster.awaitAllInSync();
            cluster.stopProducing();
        }
        cluster.endAndRequireEqualLogs();
    }

    @Test
    @Tag("long")
    void keepWhatWasAcknowledgedWhenAllAreKilledAtOnce() throws IOException {
        start(ClusterMember.NO_SECRET);
        for (int round = 0; round < 5; round++) {
            cluster.produceEverywhere(3_000);
            cluster.awaitAcknowledged(5_000);
            cluster.killAll();
            cluster.startAll();
            cluster.awaitAllInSync();
            cluster.requireTheSameEverywhere();
        }
        cluster.endAndRequireEqualLogs();
    }

    @Test
    @Tag("long")
    void talkOverIpv6() throws IOException {
        Assumptions.assumeTrue(hasIpv6(), "this machine has no ::1");
        start(SECRET, InetAddress.getByName("::1"));

        cluster.produce(1, 20_000, 0);
        cluster.awaitProduced();

        cluster.endAndRequireEqualLogs();
    }

    private static boolean hasIpv6() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .anyMatch(address -> address instanceof Inet6Address && address.isLoopbackAddress());
    }
}
