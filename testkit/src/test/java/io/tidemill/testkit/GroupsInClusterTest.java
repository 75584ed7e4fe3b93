package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupDescription;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetPlace;
import io.tidemill.groups.ShareGroup;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterSettings;
import io.tidemill.spi.Storage;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L07, G02: a group's members live in different brokers of a cluster. */
@Timeout(60)
class GroupsInClusterTest {
    private static final int PARTITIONS = 6;
    private static final GroupSettings MANUAL =
            GroupSettings.defaults().withCommits(CommitPolicy.manual()).withSessionTimeout(Duration.ofSeconds(2));

    private final Map<Integer, InetSocketAddress> addresses = new TreeMap<>();
    private final Map<Integer, Storage> storages = new HashMap<>();
    private final Map<Integer, Broker> brokers = new TreeMap<>();
    private final Map<Integer, ConsumerGroup<String, String>> members = new TreeMap<>();
    /** Each value once: members may read again what others before them had read and not committed. */
    private final Set<String> read = new HashSet<>();

    @BeforeEach
    void open() throws IOException {
        for (int id = 1; id <= 3; id++) {
            try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                addresses.put(id, new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort()));
            }
            storages.put(id, Storage.inMemory());
        }
        addresses.keySet().forEach(this::start);
    }

    @AfterEach
    void close() {
        brokers.values().forEach(Broker::close);
    }

    private void start(int id) {
        brokers.put(id, Cluster.join(storages.get(id), ClusterSettings.of(id, addresses)));
    }

    private Topic<String, String> topic(int brokerId) {
        return brokers.get(brokerId).topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(PARTITIONS));
    }

    private void join(int brokerId) {
        members.put(brokerId, ConsumerGroup.join(topic(brokerId), "g", MANUAL));
    }

    private void send(int from, int to) {
        for (int i = from; i < to; i++) {
            topic(1 + i % brokers.size()).send("key-" + i % 50, "value-" + i).join();
        }
    }

    private void pollAll() {
        for (ConsumerGroup<String, String> member : members.values()) {
            for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(5))) {
                read.add(record.value());
            }
            member.commit();
        }
    }

    private void pollUntil(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, () -> "read=" + read.size() + ", assigned=" + assigned());
            pollAll();
        }
    }

    private Map<Integer, Set<TopicPartition>> assigned() {
        Map<Integer, Set<TopicPartition>> assigned = new TreeMap<>();
        members.forEach((id, member) -> assigned.put(id, member.assignment()));
        return assigned;
    }

    private long lag() {
        return Groups.of(brokers.get(1)).describe("g").lag();
    }

    /** Whether each partition has one reader, and each member the same share. */
    private boolean isShared() {
        Set<TopicPartition> all = new HashSet<>();
        for (Set<TopicPartition> one : assigned().values()) {
            if (one.size() != PARTITIONS / members.size() || !all.addAll(one)) {
                return false;
            }
        }
        return all.size() == PARTITIONS;
    }

    @Test
    void membersOfAllBrokersShareTheirTopic() {
        send(0, 100);
        join(1);
        join(2);
        join(3);

        pollUntil(() -> isShared() && read.size() == 100 && lag() == 0);

        for (Broker broker : brokers.values()) {
            GroupDescription group = Groups.of(broker).describe("g");
            assertEquals(GroupDescription.State.STABLE, group.state());
            assertEquals(3, group.members().size());
            assertEquals(0, group.lag());
            assertEquals(Set.of("g"), Groups.of(broker).names());
        }
    }

    @Test
    void whoLeavesIsFollowedByMembersElsewhere() {
        send(0, 60);
        join(1);
        join(2);
        join(3);
        pollUntil(() -> isShared() && read.size() == 60);

        members.remove(2).close();
        send(60, 120);

        pollUntil(() -> isShared() && read.size() == 120);
    }

    @Test
    void aBrokerThatClosesTakesItsMembersAlong() {
        send(0, 60);
        join(1);
        join(2);
        join(3);
        pollUntil(() -> isShared() && read.size() == 60);

        members.remove(3);
        brokers.remove(3).close();
        send(60, 120);

        pollUntil(() -> isShared() && read.size() == 120);
        start(3);
        join(3);
        pollUntil(this::isShared);
    }

    @Test
    void aResetAtOneBrokerIsSeenAtAll() {
        send(0, 30);
        join(1);
        pollUntil(() -> read.size() == 30);
        members.remove(1).close();

        TopicPartition first = new TopicPartition("t", 0);
        assertEquals(Map.of(first, 0L), Groups.of(brokers.get(2)).reset("g", Set.of(first), OffsetPlace.earliest()));

        GroupDescription seen = Groups.of(brokers.get(3)).describe("g");
        assertEquals(0, seen.progress().get(first).committed().offset());
        Groups.of(brokers.get(3)).delete("g");
        assertEquals(Set.of(), Groups.of(brokers.get(1)).names());
    }

    @Test
    void shareGroupsSayThatTheyDoNotWorkYet() {
        topic(1);

        assertThrows(UnsupportedOperationException.class, () -> ShareGroup.join(topic(1), "s"));
    }
}
