package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A process with a broker of a cluster and a member of a group, which prints what it reads before it commits that. */
final class GroupMemberRun {
    static final int PARTITIONS = 6;

    private GroupMemberRun() {}

    /** Takes its number, its directory, and the ports of all brokers. */
    public static void main(String[] args) {
        Map<Integer, InetSocketAddress> members = new TreeMap<>();
        for (int i = 2; i < args.length; i++) {
            members.put(i - 1, new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[i])));
        }
        try (Broker broker = join(Integer.parseInt(args[0]), Path.of(args[1]), members);
                ConsumerGroup<String, String> member = member(broker)) {
            System.out.println("joined");
            while (true) {
                List<ConsumerRecord<String, String>> records = member.poll(Duration.ofSeconds(1));
                records.forEach(record ->
                        System.out.println(record.partition() + " " + record.offset() + " " + record.value()));
                member.commit();
            }
        }
    }

    static Broker join(int id, Path root, Map<Integer, InetSocketAddress> members) {
        return Cluster.join(ChronicleLog.at(root.resolve("broker-" + id)), ClusterSettings.of(id, members));
    }

    static Topic<String, String> topic(Broker broker) {
        return broker.topic(
                "t",
                Serdes.string(),
                Serdes.string(),
                TopicSettings.partitions(PARTITIONS).withMinInsyncReplicas(2));
    }

    static ConsumerGroup<String, String> member(Broker broker) {
        GroupSettings settings =
                GroupSettings.defaults().withCommits(CommitPolicy.manual()).withSessionTimeout(Duration.ofSeconds(2));
        return ConsumerGroup.join(topic(broker), "g", settings);
    }
}
