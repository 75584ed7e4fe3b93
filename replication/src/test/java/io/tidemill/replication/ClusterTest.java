package io.tidemill.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Acks;
import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ProducerSettings;
import io.tidemill.RecordMetadata;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.replication.ClusterDescription.Liveness;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.LossyStorage;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClusterTest {
    private final Map<Integer, InetSocketAddress> members = new TreeMap<>();
    private final Map<Integer, LossyStorage> storages = new TreeMap<>();
    private final Map<Integer, Broker> brokers = new TreeMap<>();

    @BeforeEach
    void open() throws IOException {
        for (int id = 1; id <= 3; id++) {
            try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                members.put(id, new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort()));
            }
        }
        for (int id : members.keySet()) {
            storages.put(id, new LossyStorage());
            start(id);
        }
    }

    @AfterEach
    void close() {
        brokers.values().forEach(Broker::close);
    }

    @Test
    void whatIsSentToOneIsReadAtAll() {
        Topic<String, String> orders = topic(1);

        for (int i = 0; i < 100; i++) {
            orders.send("key", "value-" + i).join();
        }

        for (int id : members.keySet()) {
            assertEquals(IntStream.range(0, 100).mapToObj(i -> "value-" + i).toList(), read(topic(id), 100));
        }
    }

    @Test
    void aBrokerThatComesBackIsInSyncAgain() {
        topic(1).send("key", "value").join();

        for (int id : members.keySet()) {
            brokers.remove(id).close();
            storages.get(id).endProcess();
            topic(id % 3 + 1).send("key", "value").join();
            start(id);

            awaitAllInSync(id);
        }
    }

    @Test
    void aProducerWaitsForThoseItAskedFor() {
        Topic<String, String> orders = brokers.get(1)
                .topic(
                        "orders",
                        Serdes.string(),
                        Serdes.string(),
                        TopicSettings.partitions(1).withMinInsyncReplicas(3));
        orders.send("key", "value").join();
        brokers.remove(3).close();
        storages.get(3).endProcess();

        CompletableFuture<RecordMetadata> byLeader = send(orders, Acks.LEADER);
        CompletableFuture<RecordMetadata> byNobody = send(orders, Acks.NONE);
        assertEquals(1, byLeader.join().offset());
        assertEquals(RecordMetadata.NO_OFFSET, byNobody.join().offset());

        CompletableFuture<RecordMetadata> byAll = send(orders, Acks.ALL);
        assertFalse(byAll.isDone());
        start(3);
        assertEquals(3, byAll.join().offset());
    }

    private static CompletableFuture<RecordMetadata> send(Topic<String, String> topic, Acks acks) {
        return topic.producer(ProducerSettings.<String, String>defaults().withAcks(acks))
                .send("key", "value");
    }

    @Test
    void whatIsLeftOfTopicsThatAreGoneIsDeleted() {
        String left = "gone." + "0a".repeat(16) + "-3";
        topic(1).send("key", "value").join();
        brokers.get(2).deleteTopic("orders");
        close();
        try (LogStore store = storages.get(1).open()) {
            store.openLog(left);
            store.openLog("other-0");
            store.stateFile(left + ".epochs").write(new byte[1]);
        }

        members.keySet().forEach(this::start);
        brokers.values().forEach(broker -> assertEquals(Set.of(), broker.topics()));
        close();

        for (LossyStorage storage : storages.values()) {
            try (LogStore store = storage.open()) {
                assertFalse(
                        store.logNames().stream().anyMatch(name -> name.startsWith("orders")),
                        () -> "logs=" + store.logNames());
                assertFalse(store.logNames().contains(left));
                assertNull(store.stateFile(left + ".epochs").read());
            }
        }
        try (LogStore store = storages.get(1).open()) {
            assertTrue(store.logNames().contains("other-0"));
        }
    }

    @Test
    void aBrokerThatComesBackTellsNothingThatIsNotSoAnyMore() {
        topic(1).send("key", "value").join();
        for (int id : members.keySet()) {
            awaitAllInSync(id);
        }

        for (int round = 0; round < 10; round++) {
            brokers.remove(2).close();
            storages.get(2).endProcess();
            topic(1).send("key", "value").join();
            ClusterDescription without = Cluster.describe(brokers.get(1));
            start(2);

            ClusterDescription with = Cluster.describe(brokers.get(2));

            assertTrue(with.metadataEpoch() > without.metadataEpoch(), () -> with + " after " + without);
            assertEquals(Liveness.ACTIVE, with.brokers().get(1).liveness());
            awaitAllInSync(2);
        }
    }

    private void awaitAllInSync(int brokerId) {
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        ClusterDescription known = Cluster.describe(brokers.get(brokerId));
        while (!known.underReplicated().isEmpty()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, known.toString());
            Thread.onSpinWait();
            known = Cluster.describe(brokers.get(brokerId));
        }
    }

    private void start(int id) {
        brokers.put(id, Cluster.join(storages.get(id), ClusterSettings.of(id, members)));
    }

    private Topic<String, String> topic(int brokerId) {
        return brokers.get(brokerId).topic("orders", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
    }

    private static List<String> read(Topic<String, String> topic, int count) {
        List<String> values = new ArrayList<>();
        try (Consumer<String, String> consumer = topic.consumer()) {
            while (values.size() < count) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(10))) {
                    values.add(record.value());
                }
            }
        }
        return values;
    }
}
