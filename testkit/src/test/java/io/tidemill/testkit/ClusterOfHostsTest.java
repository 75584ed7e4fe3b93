package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** L05: brokers on hosts of their own, as far as the kernel is concerned. Skipped where none can be made. */
@Tag("long")
class ClusterOfHostsTest {
    private static final int BROKERS = 3;
    private static final int PARTITIONS = 3;
    private static final Duration APART = Duration.ofSeconds(5);

    @TempDir
    private Path root;

    private NetworkNamespaces network;
    private JvmCluster cluster;

    private void begin(String subnet) {
        try {
            network = new NetworkNamespaces(BROKERS, subnet);
        } catch (IOException e) {
            Assumptions.abort("network namespaces cannot be made here: " + e.getMessage());
        }
        cluster = new JvmCluster(root, ClusterMember.NO_SECRET, network.places(), PARTITIONS);
    }

    @AfterEach
    void end() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
        if (network != null) {
            network.close();
        }
    }

    @Test
    void haveTheSameLogsAfterPartitionsThatHeal() throws IOException {
        begin("fd77::");
        cluster.startAll();
        cluster.produceEverywhere(1_000);

        partAndHeal();

        cluster.stopProducing();
        cluster.endAndRequireEqualLogs();
    }

    @Test
    void haveTheSameLogsOverABadNetwork() throws IOException {
        begin("10.77.0.");
        try {
            network.disturb("loss", "10%", "duplicate", "2%", "delay", "2ms", "1ms", "reorder", "10%");
        } catch (IOException e) {
            Assumptions.abort("this kernel has no netem: " + e.getMessage());
        }
        cluster.startAll();
        cluster.produceEverywhere(1_000);

        partAndHeal();

        cluster.stopProducing();
        cluster.endAndRequireEqualLogs();
    }

    private void partAndHeal() throws IOException {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            cluster.awaitAcknowledged(1_000);
            int leader = cluster.leader(1, partition);

            network.unplug(leader);
            long firstSuccessMs = cluster.firstSuccessMs(partition);
            cluster.listenFor(APART.minusMillis(firstSuccessMs));
            int successor = cluster.leader(leader % BROKERS + 1, partition);
            network.plugIn(leader);

            System.out.println("parted from the leader: brokerId=" + leader + ", firstSuccessMs=" + firstSuccessMs);
            assertNotEquals(leader, successor);
            assertTrue(firstSuccessMs < APART.toMillis(), "firstSuccessMs=" + firstSuccessMs);
            cluster.awaitAllInSync();
        }
    }
}
