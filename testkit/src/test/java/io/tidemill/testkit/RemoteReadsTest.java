package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.AutoOffsetReset;
import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.raw.RawConsumer;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterSettings;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** L07: a partition is read at every broker of the cluster, whoever keeps it. */
@Timeout(120)
class RemoteReadsTest {
    private static final int PARTITIONS = 6;
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Map<Integer, InetSocketAddress> members = new TreeMap<>();
    private final Map<Integer, Broker> brokers = new TreeMap<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void open() throws IOException {
        for (int id = 1; id <= 3; id++) {
            try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                members.put(id, new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort()));
            }
        }
        members.keySet().forEach(this::join);
    }

    private void join(int id) {
        brokers.put(
                id, Cluster.join(ChronicleLog.at(directory.resolve("broker-" + id)), ClusterSettings.of(id, members)));
    }

    @AfterEach
    void close() {
        brokers.values().forEach(Broker::close);
    }

    @Test
    void everyBrokerReadsEverythingThatOneKeeps() {
        everyBrokerReadsEverything(1);
    }

    @Test
    void everyBrokerReadsEverythingThatTwoKeep() {
        everyBrokerReadsEverything(2);
    }

    private void everyBrokerReadsEverything(int replicationFactor) {
        Topic<String, String> sender = topic(1, PARTITIONS, replicationFactor);
        Map<TopicPartition, List<String>> sent = send(sender, PARTITIONS, 0, 600);

        for (int id : members.keySet()) {
            try (Consumer<String, String> consumer =
                    topic(id, PARTITIONS, replicationFactor).consumer()) {
                assertEquals(sent, read(consumer, 600));
            }
        }
    }

    @Test
    void everyBrokerReadsTheTailOfWhatOneKeeps() {
        everyBrokerReadsTheTail(1);
    }

    @Test
    void everyBrokerReadsTheTailOfWhatTwoKeep() {
        everyBrokerReadsTheTail(2);
    }

    private void everyBrokerReadsTheTail(int replicationFactor) {
        send(topic(1, PARTITIONS, replicationFactor), PARTITIONS, 0, 60);
        List<Consumer<String, String>> consumers = new ArrayList<>();
        for (int id : members.keySet()) {
            awaitEnds(id, replicationFactor, 10);
            consumers.add(topic(id, PARTITIONS, replicationFactor)
                    .consumer(ConsumerSettings.defaults().withAutoOffsetReset(AutoOffsetReset.latest())));
        }

        for (int round = 0; round < 5; round++) {
            Map<TopicPartition, List<String>> sent =
                    send(topic(2, PARTITIONS, replicationFactor), PARTITIONS, round * 60, 60);

            for (Consumer<String, String> consumer : consumers) {
                assertEquals(sent, read(consumer, 60));
            }
        }
        consumers.forEach(Consumer::close);
    }

    /** A follower hears a little later what is committed. */
    private void awaitEnds(int brokerId, int replicationFactor, long expected) {
        Map<TopicPartition, Long> wanted = new HashMap<>();
        for (int i = 0; i < PARTITIONS; i++) {
            wanted.put(new TopicPartition("orders", i), expected);
        }
        try (Consumer<String, String> consumer =
                topic(brokerId, PARTITIONS, replicationFactor).consumer()) {
            long deadlineNs = System.nanoTime() + SOON.toNanos();
            while (!consumer.endOffsets(wanted.keySet()).equals(wanted)) {
                assertTrue(System.nanoTime() - deadlineNs < 0, "the end is not told");
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void boundsAndTimesAreKnownBeforeAnythingIsRead() {
        long timeMs = System.currentTimeMillis() - 100_000;
        Topic<String, String> sender = topic(1, 1, 1);
        for (int i = 0; i < 10; i++) {
            sender.send(ProducerRecord.of("key", "value-" + i).toPartition(0).at(timeMs + i))
                    .join();
        }
        TopicPartition partition = new TopicPartition("orders", 0);

        for (int id : members.keySet()) {
            try (Consumer<String, String> consumer = topic(id, 1, 1).consumer()) {
                assertEquals(Map.of(partition, 0L), consumer.beginningOffsets(List.of(partition)));
                assertEquals(Map.of(partition, 10L), consumer.endOffsets(List.of(partition)));
                assertEquals(
                        Map.of(partition, 7L),
                        consumer.offsetsForTimes(Map.of(partition, Instant.ofEpochMilli(timeMs + 7))));
            }
        }
    }

    @Test
    void moreThanOneAnswerHoldsIsReadOneAnswerAfterTheOther() {
        Topic<String, String> sender = topic(1, 1, 1);
        String padding = "x".repeat(1_000);
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            answers.add(sender.send("key", i + padding));
        }
        answers.forEach(CompletableFuture::join);

        for (int id : members.keySet()) {
            try (Consumer<String, String> consumer = topic(id, 1, 1).consumer()) {
                assertEquals(
                        IntStream.range(0, 3_000).mapToObj(i -> i + padding).toList(),
                        read(consumer, 3_000).get(new TopicPartition("orders", 0)));
            }
        }
    }

    @Test
    void aRawConsumerWaitsUntilTheRecordIsHere() {
        Topic<String, String> sender = topic(1, 1, 1);
        int reader = members.keySet().stream()
                .filter(id -> id != leader())
                .findFirst()
                .orElseThrow();
        try (RawConsumer consumer = topic(reader, 1, 1).rawConsumer(0)) {
            for (int i = 0; i < 20; i++) {
                assertFalse(consumer.await(Duration.ZERO));
                sender.send("key", "value").join();

                assertTrue(consumer.await(SOON));

                assertEquals(1, consumer.poll(record -> {}, 10));
            }
        }
    }

    @Test
    void aReaderGoesOnWhenTheLeaderIsBack() {
        Topic<String, String> topic = topic(1, 1, 1);
        int leader = leader();
        int reader = leader % 3 + 1;
        send(topic, 1, 0, 10);
        try (Consumer<String, String> consumer = topic(reader, 1, 1).consumer()) {
            assertEquals(10, total(read(consumer, 10)));

            brokers.remove(leader).close();
            assertEquals(List.of(), consumer.poll(Duration.ofMillis(100)));
            join(leader);
            Map<TopicPartition, List<String>> sent = send(topic(reader, 1, 1), 1, 10, 10);

            assertEquals(sent, read(consumer, 10));
        }
    }

    private int leader() {
        return Cluster.describe(brokers.get(1)).partitions().get(0).leader();
    }

    private Topic<String, String> topic(int brokerId, int partitions, int replicationFactor) {
        return brokers.get(brokerId)
                .topic(
                        "orders",
                        Serdes.string(),
                        Serdes.string(),
                        TopicSettings.partitions(partitions).withReplicationFactor(replicationFactor));
    }

    /** To one partition after the other. */
    private static Map<TopicPartition, List<String>> send(
            Topic<String, String> topic, int partitions, int first, int count) {
        Map<TopicPartition, List<String>> sent = new HashMap<>();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            String value = "value-" + i;
            answers.add(topic.send(ProducerRecord.of("key", value).toPartition(i % partitions)));
            sent.computeIfAbsent(new TopicPartition("orders", i % partitions), id -> new ArrayList<>())
                    .add(value);
        }
        answers.forEach(CompletableFuture::join);
        return sent;
    }

    private static Map<TopicPartition, List<String>> read(Consumer<String, String> consumer, int count) {
        Map<TopicPartition, List<String>> values = new HashMap<>();
        long deadlineNs = System.nanoTime() + SOON.toNanos();
        while (total(values) < count && System.nanoTime() - deadlineNs < 0) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                values.computeIfAbsent(new TopicPartition(record.topic(), record.partition()), id -> new ArrayList<>())
                        .add(record.value());
            }
        }
        return values;
    }

    private static int total(Map<TopicPartition, List<String>> values) {
        return values.values().stream().mapToInt(List::size).sum();
    }
}
