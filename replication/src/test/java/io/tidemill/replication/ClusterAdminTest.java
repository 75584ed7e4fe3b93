package io.tidemill.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.RecordMetadata;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.replication.ClusterDescription.BrokerState;
import io.tidemill.replication.ClusterDescription.Liveness;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.LossyStorage;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ClusterAdminTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ON_THE_WAY_MAX = 200;

    private final Map<Integer, InetSocketAddress> members = new TreeMap<>();
    private final Map<Integer, LossyStorage> storages = new TreeMap<>();
    private final Map<Integer, Broker> brokers = new TreeMap<>();

    @BeforeEach
    void open() throws IOException {
        for (int id = 1; id <= 4; id++) {
            try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                members.put(id, new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort()));
            }
        }
        for (int id : members.keySet()) {
            storages.put(id, new LossyStorage());
            start(id);
        }
        await(known -> known.brokers().stream()
                        .filter(one -> one.liveness() == Liveness.ACTIVE)
                        .count()
                == 4);
    }

    @AfterEach
    void close() {
        brokers.values().forEach(Broker::close);
    }

    private void start(int id) {
        brokers.put(id, Cluster.join(storages.get(id), ClusterSettings.of(id, members)));
    }

    private void stop(int id) {
        brokers.remove(id).close();
        storages.get(id).endProcess();
    }

    private Broker any() {
        return brokers.values().iterator().next();
    }

    private ClusterAdmin admin() {
        return ClusterAdmin.of(any());
    }

    private Topic<String, String> topic(int brokerId) {
        return brokers.get(brokerId)
                .topic(
                        "orders",
                        Serdes.string(),
                        Serdes.string(),
                        TopicSettings.partitions(1).withReplicationFactor(3).withMinInsyncReplicas(2));
    }

    private ClusterDescription await(Predicate<ClusterDescription> condition) {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        ClusterDescription known = Cluster.describe(any());
        while (!condition.test(known)) {
            assertTrue(System.nanoTime() - deadlineNs < 0, known.toString());
            Thread.onSpinWait();
            known = Cluster.describe(any());
        }
        return known;
    }

    private PartitionReplicas replicas() {
        return Cluster.describe(any()).partitions().get(0);
    }

    private boolean isKeptBy(ClusterDescription known, List<Integer> replicas) {
        PartitionReplicas partition = known.partitions().get(0);
        return partition.replicas().equals(replicas) && !partition.isUnderReplicated();
    }

    /** Sends and reads, as long as it is called. */
    private static final class Load {
        private final Topic<String, String> topic;
        private final Map<Integer, Consumer<String, String>> consumers;
        private final Map<Integer, Long> read = new TreeMap<>();
        private final Deque<CompletableFuture<RecordMetadata>> onTheWay = new ArrayDeque<>();
        private long sent;

        Load(Topic<String, String> topic, Map<Integer, Consumer<String, String>> consumers) {
            this.topic = topic;
            this.consumers = consumers;
        }

        void go() {
            while (onTheWay.size() < ON_THE_WAY_MAX) {
                onTheWay.add(topic.send("key", "value-" + sent++));
            }
            while (!onTheWay.isEmpty() && onTheWay.peek().isDone()) {
                onTheWay.poll().join();
            }
            read();
        }

        private void read() {
            consumers.forEach((id, consumer) -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(1))) {
                    long expected = read.getOrDefault(id, 0L);
                    assertEquals(expected, record.offset(), "broker " + id);
                    assertEquals("value-" + expected, record.value(), "broker " + id);
                    read.put(id, expected + 1);
                }
            });
        }

        void finish() {
            onTheWay.forEach(CompletableFuture::join);
            long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
            while (!consumers.keySet().stream().allMatch(id -> read.getOrDefault(id, 0L) == sent)) {
                assertTrue(System.nanoTime() - deadlineNs < 0, "sent=" + sent + ", read=" + read);
                read();
            }
        }
    }

    @Test
    void aPartitionMovesWhileItIsSentToAndReadEverywhere() {
        Topic<String, String> orders = topic(1);
        Map<Integer, Consumer<String, String>> consumers = new TreeMap<>();
        for (int id : members.keySet()) {
            consumers.put(id, topic(id).consumer());
        }
        Load load = new Load(orders, consumers);
        for (int i = 0; i < 20; i++) {
            load.go();
        }

        for (List<Integer> replicas : List.of(
                List.of(4), List.of(1, 2, 3), List.of(2, 3, 4), List.of(3, 4, 1), List.of(4, 1, 2), List.of(3))) {
            admin().reassign(PARTITION, replicas);
            await(known -> {
                load.go();
                return isKeptBy(known, replicas);
            });
            for (int i = 0; i < 20; i++) {
                load.go();
            }
        }
        load.finish();

        consumers.values().forEach(Consumer::close);
        close();
        for (int id : members.keySet()) {
            try (LogStore store = storages.get(id).open()) {
                boolean isThere = store.logNames().stream().anyMatch(name -> name.startsWith("orders"));
                assertEquals(id == 3, isThere, "broker " + id);
            }
        }
    }

    @Test
    void aPartitionIsReadFromItsBeginningWhereItHasMovedTo() {
        for (int i = 0; i < 100; i++) {
            topic(1).send("key", "value-" + i).join();
        }
        List<Integer> before = replicas().replicas();
        int other = members.keySet().stream()
                .filter(id -> !before.contains(id))
                .findFirst()
                .orElseThrow();

        admin().reassign(PARTITION, List.of(other));
        await(known -> isKeptBy(known, List.of(other)));
        before.forEach(this::stop);

        List<String> values = new ArrayList<>();
        // What one broker of four can do alone is to hand out what it has.
        try (Consumer<String, String> consumer = topicOf(other).consumer()) {
            while (values.size() < 100) {
                consumer.poll(PATIENCE).forEach(record -> values.add(record.value()));
            }
        }
        assertEquals("value-0", values.get(0));
        assertEquals("value-99", values.get(99));
    }

    private Topic<String, String> topicOf(int brokerId) {
        return brokers.get(brokerId).topic("orders", Serdes.string(), Serdes.string());
    }

    @Test
    void aMoveThatIsCancelledLeavesThePartitionWhereItWas() {
        topic(1).send("key", "value").join();
        List<Integer> before = replicas().replicas();
        int other = members.keySet().stream()
                .filter(id -> !before.contains(id))
                .findFirst()
                .orElseThrow();
        stop(other);

        admin().reassign(PARTITION, List.of(other, before.get(1)));
        assertTrue(replicas().replicas().contains(other));
        admin().cancelReassignment(PARTITION);

        await(known -> {
            PartitionReplicas now = known.partitions().get(0);
            return Set.copyOf(now.replicas()).equals(Set.copyOf(before)) && !now.isUnderReplicated();
        });
        topic(before.get(0)).send("key", "value").join();
        assertThrows(IllegalStateException.class, () -> admin().cancelReassignment(PARTITION));
    }

    @Test
    void replicasThatCannotBeAreRefused() {
        topic(1);

        assertThrows(IllegalArgumentException.class, () -> admin().reassign(PARTITION, List.of()));
        assertThrows(IllegalArgumentException.class, () -> admin().reassign(PARTITION, List.of(1, 1)));
        assertThrows(IllegalArgumentException.class, () -> admin().reassign(PARTITION, List.of(1, 9)));
        assertThrows(
                UnknownTopicOrPartitionException.class,
                () -> admin().reassign(new TopicPartition("orders", 1), List.of(1)));
    }

    @Test
    void preferredReplicasLeadAgainAfterARollingRestart() {
        topic(1).send("key", "value").join();
        int preferred = replicas().replicas().get(0);
        for (int id : members.keySet()) {
            stop(id);
            start(id);
            await(known -> known.partitions().size() == 1
                    && known.underReplicated().isEmpty()
                    && known.brokers().stream().allMatch(one -> one.liveness() == Liveness.ACTIVE));
        }
        stop(preferred);
        await(known -> known.partitions().get(0).leader() != preferred
                && known.offline().isEmpty());
        assertEquals(Set.of(PARTITION), admin().electPreferredLeaders());
        start(preferred);
        await(known -> known.underReplicated().isEmpty());

        assertEquals(Set.of(), admin().electPreferredLeaders());

        assertEquals(preferred, replicas().leader());
        topic(preferred).send("key", "value").join();
    }

    @Test
    void settingsOfTheClusterSurviveARestart() {
        admin().alterSettings(
                        Map.of("min.insync.replicas", "2", "leader.imbalance.check.interval.seconds", "7"), Set.of());
        admin().alterSettings(Map.of("retention.ms", "60000"), Set.of("leader.imbalance.check.interval.seconds"));
        Map<String, String> expected = Map.of("min.insync.replicas", "2", "retention.ms", "60000");
        assertEquals(expected, admin().settings());

        for (int id : members.keySet()) {
            stop(id);
        }
        members.keySet().forEach(this::start);

        assertEquals(expected, admin().settings());
        Topic<String, String> orders =
                brokers.get(2).topic("orders", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
        assertEquals(2, orders.settings().minInsyncReplicas());
    }

    @Test
    void settingsThatCannotBeAreRefusedAndNothingIsSet() {
        RuntimeException unknown = assertThrows(
                IllegalArgumentException.class,
                () -> admin().alterSettings(Map.of("min.insync.replica", "2", "retention.ms", "1"), Set.of()));
        RuntimeException illTyped = assertThrows(
                IllegalArgumentException.class,
                () -> admin().alterSettings(Map.of("broker.session.timeout.ms", "soon"), Set.of()));

        assertTrue(unknown.getMessage().contains("min.insync.replicas"), unknown.getMessage());
        assertTrue(illTyped.getMessage().contains("soon"), illTyped.getMessage());
        assertEquals(Map.of(), admin().settings());
    }

    private void awaitLiveness(int brokerId, Liveness liveness) {
        await(known -> known.brokers().stream().anyMatch(one -> one.id() == brokerId && one.liveness() == liveness));
    }

    @Test
    void aBrokerThatIsGoneAndKeepsNothingIsForgotten() {
        topic(1).send("key", "value").join();
        List<Integer> kept = replicas().replicas();
        int other = members.keySet().stream()
                .filter(id -> !kept.contains(id))
                .findFirst()
                .orElseThrow();
        assertThrows(IllegalArgumentException.class, () -> admin().removeBroker(other));
        stop(kept.get(2));
        awaitLiveness(kept.get(2), Liveness.FENCED);
        assertThrows(IllegalArgumentException.class, () -> admin().removeBroker(kept.get(2)));
        start(kept.get(2));
        awaitLiveness(kept.get(2), Liveness.ACTIVE);
        stop(other);
        awaitLiveness(other, Liveness.FENCED);

        admin().removeBroker(other);

        assertFalse(
                Cluster.describe(any()).brokers().stream().map(BrokerState::id).anyMatch(id -> id == other));
    }
}
