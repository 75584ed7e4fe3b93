package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ProducerRecord;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.NotEnoughReplicasException;
import io.tidemill.log.ChronicleLog;
import io.tidemill.spi.LossyStorage;
import io.tidemill.spi.Storage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** L01, L03, L05, L07: what brokers have of each other's records; whole brokers in virtual time. */
@Timeout(60)
class ReplicationTest {
    private static final int BROKERS = 3;
    private static final int PARTITIONS = 3;
    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    private VirtualCluster cluster;

    @AfterEach
    void close() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private void start(SimNetworkSettings network, Function<Integer, Storage> storage) {
        cluster = new VirtualCluster(
                BROKERS, network, storage, settings -> settings.withDeliveryTimeout(DELIVERY_TIMEOUT));
        cluster.startAll();
    }

    private Path directory(int id) {
        return directory.resolve("broker-" + id);
    }

    @Test
    void followerLogsAreChecksumEqualToTheLeadersUpToTheHighWatermark() {
        start(VirtualCluster.AT_ONCE, id -> ChronicleLog.at(directory(id)));

        send(2_000);

        requireEqualLogs();
    }

    @Test
    void logsAreIdenticalAfterLossReorderingDuplicationAndAPartitionThatHeals() {
        SimNetworkSettings bad = SimNetworkSettings.perfect()
                .withLoss(0.1)
                .withDuplication(0.05)
                .withDelay(Duration.ofNanos(50_000), Duration.ofMillis(5))
                .withLimits(1_408, 4_096);
        start(bad, id -> ChronicleLog.at(directory(id)));
        send(1_000);
        int parted = cluster.leader(1, 0);
        int other = cluster.otherThan(parted);

        cluster.isolate(parted);
        List<CompletableFuture<?>> sent = sendLater(cluster.topic(parted, replicated()), 100);
        cluster.awaitTrue(
                () -> cluster.leader(other, 0) != parted
                        && cluster.partition(other, 0).leader() > 0,
                "another one leads");
        cluster.awaitAll(sendLater(cluster.topic(other, replicated()), 500));
        cluster.network().heal();

        cluster.awaitAllInSync();
        sent.forEach(answer -> cluster.awaitTrue(answer::isDone, "an answer"));
        send(500);
        requireEqualLogs();
    }

    private static TopicSettings replicated() {
        return TopicSettings.partitions(PARTITIONS)
                .withReplicationFactor(BROKERS)
                .withMinInsyncReplicas(2);
    }

    /** From all brokers in turn. */
    private void send(int count) {
        for (int i = 0; i < count; i += 100) {
            int id = i / 100 % BROKERS + 1;
            cluster.awaitAll(sendLater(cluster.topic(id, replicated()), 100));
        }
    }

    private static List<CompletableFuture<?>> sendLater(Topic<String, String> topic, int count) {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(topic.send(ProducerRecord.of("key-" + i, "value-" + i).toPartition(i % PARTITIONS)));
        }
        return answers;
    }

    /** What is in the files of brokers that do not run any more. */
    private void requireEqualLogs() {
        cluster.awaitAllInSync();
        cluster.run(Duration.ofSeconds(1));
        List<Integer> highWatermarks = cluster.broker(1).describeTopic(VirtualCluster.TOPIC).partitions().stream()
                .map(partition -> (int) partition.endOffset())
                .toList();
        cluster.live().forEach(cluster::stop);

        List<StoredPartition> first = StoredPartition.read(directory(1), VirtualCluster.TOPIC, highWatermarks);
        assertEquals(
                highWatermarks,
                first.stream().map(partition -> (int) partition.endOffset()).toList());
        assertTrue(first.stream().allMatch(partition -> partition.batches() > 1), first::toString);
        for (int id = 2; id <= BROKERS; id++) {
            assertEquals(first, StoredPartition.read(directory(id), VirtualCluster.TOPIC, highWatermarks));
        }
    }

    @Test
    void minInsyncReplicasUnmetFailsWithNotEnoughReplicasAndAReturningReplicaCatchesUpAndIsInSyncAgain() {
        start(VirtualCluster.AT_ONCE, id -> new LossyStorage());
        int controller = cluster.controller(1);
        TopicSettings all = replicated().withMinInsyncReplicas(BROKERS);
        cluster.awaitAll(sendLater(cluster.topic(controller, all), 10 * PARTITIONS));
        cluster.awaitAllInSync();
        int gone = cluster.otherThan(controller);
        cluster.kill(gone);
        cluster.awaitTrue(
                () -> cluster.metrics(controller).underReplicatedPartitions() == PARTITIONS, "it is not in sync");

        List<CompletableFuture<?>> refused = sendLater(cluster.topic(controller, all), PARTITIONS);
        cluster.run(DELIVERY_TIMEOUT.minus(VirtualCluster.TICK));
        assertFalse(refused.stream().anyMatch(CompletableFuture::isDone));
        cluster.run(Duration.ofSeconds(1));
        for (CompletableFuture<?> answer : refused) {
            assertInstanceOf(
                    NotEnoughReplicasException.class,
                    assertThrows(CompletionException.class, answer::join).getCause());
        }

        cluster.start(gone);
        cluster.awaitAllInSync();
        cluster.awaitAll(sendLater(cluster.topic(gone, all), PARTITIONS));
        for (int partition = 0; partition < PARTITIONS; partition++) {
            assertEquals(BROKERS, cluster.partition(gone, partition).inSync().size());
        }
        try (Consumer<String, String> consumer = cluster.topic(gone, all).consumer()) {
            int expected = 11 * PARTITIONS;
            List<ConsumerRecord<String, String>> read = new ArrayList<>();
            cluster.awaitTrue(
                    () -> {
                        read.addAll(consumer.poll(Duration.ZERO));
                        return read.size() >= expected;
                    },
                    "everything is read where it came back");
            assertEquals(expected, read.size());
        }
    }

    /** Each partition has one replica, so most calls concern another broker. */
    @Test
    void anyBrokerTakesAnyProduceAndReadCall() {
        start(VirtualCluster.AT_ONCE, id -> new LossyStorage());
        TopicSettings alone = TopicSettings.partitions(PARTITIONS).withReplicationFactor(1);
        cluster.topic(1, alone);
        cluster.run(Duration.ofSeconds(1));
        Set<Integer> leaders = new TreeSet<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            leaders.add(cluster.leader(1, partition));
        }
        assertEquals(cluster.ids(), leaders);

        int sent = 0;
        for (int id : cluster.ids()) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                ProducerRecord<String, String> record = ProducerRecord.of("key", "of " + id);
                assertEquals(
                        sent / PARTITIONS,
                        cluster.await(cluster.topic(id, alone).send(record.toPartition(partition)))
                                .offset());
                sent++;
            }
        }

        for (int id : cluster.ids()) {
            try (Consumer<String, String> consumer = cluster.topic(id, alone).consumer()) {
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    TopicPartition of = new TopicPartition(VirtualCluster.TOPIC, partition);
                    assertEquals(
                            (long) BROKERS, consumer.endOffsets(List.of(of)).get(of));
                }
                List<String> read = new ArrayList<>();
                cluster.awaitTrue(
                        () -> {
                            consumer.poll(Duration.ZERO)
                                    .forEach(record -> read.add(
                                            record.partition() + "/" + record.offset() + " " + record.value()));
                            return read.size() >= BROKERS * PARTITIONS;
                        },
                        "everything is read at broker " + id);
                assertEquals(expected(), new TreeSet<>(read));
            }
        }
    }

    private static Set<String> expected() {
        Set<String> records = new TreeSet<>();
        for (int id = 1; id <= BROKERS; id++) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                records.add(partition + "/" + (id - 1) + " of " + id);
            }
        }
        return records;
    }
}
