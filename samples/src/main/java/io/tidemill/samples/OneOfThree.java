package io.tidemill.samples;

import io.tidemill.Broker;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;

/**
 * The example of docs/CLUSTER.md: one of three brokers of a cluster, each in a process of its own. Its argument is 1, 2 or 3. Leaves a
 * directory behind.
 */
public final class OneOfThree {
    private OneOfThree() {}

    public static void main(String[] args) {
        int brokerId = Integer.parseInt(args[0]);
        // region cluster
        Map<Integer, InetSocketAddress> members = Map.of(
                1, new InetSocketAddress("localhost", 7071),
                2, new InetSocketAddress("localhost", 7072),
                3, new InetSocketAddress("localhost", 7073));
        ClusterSettings settings = ClusterSettings.of(brokerId, members);
        try (Broker broker = Cluster.join(ChronicleLog.at(Path.of("data-" + brokerId)), settings)) {
            Topic<String, String> orders = broker.topic(
                    "orders",
                    Serdes.string(),
                    Serdes.string(),
                    TopicSettings.partitions(3).withMinInsyncReplicas(2));
            System.out.println(orders.send("customer-123", "25.99").join());
            System.out.println(Cluster.describe(broker));
        }
        // endregion
    }
}
