package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.AutoOffsetReset;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What readers see when all brokers of a cluster begin anew, and nobody remembers how far was committed. */
@Timeout(60)
class ClusterRestartTest {
    private static final int BROKERS = 3;
    private static final int RECORDS = 100;
    private static final Duration APART = Duration.ofSeconds(10);
    private static final TopicPartition PARTITION = new TopicPartition(VirtualCluster.TOPIC, 0);

    private final VirtualCluster cluster = VirtualCluster.of(BROKERS, settings -> settings);

    @AfterEach
    void close() {
        cluster.close();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,2", "1,3", "2,1", "2,2", "2,3", "3,1", "3,2", "3,3"})
    void everyPositionThatWasReadIsStillOneWhoeverKeepsThePartition(int replicationFactor, int reader) {
        TopicSettings settings = TopicSettings.partitions(1)
                .withReplicationFactor(replicationFactor)
                .withMinInsyncReplicas(replicationFactor);
        send(1, settings, RECORDS);

        List<Integer> replicas = cluster.partition(1, 0).replicas();
        cluster.live().forEach(cluster::kill);
        if (replicas.size() == 2) {
            cluster.network().blockLink(replicas.get(0), replicas.get(1));
        } else if (replicas.size() == 3) {
            cluster.isolate(replicas.get(2));
        }
        cluster.healIn(APART);
        cluster.ids().forEach(cluster::start);

        // It waits until the leader knows how far it has committed.
        try (Consumer<String, String> consumer = latest(reader, settings)) {
            assertEquals(RECORDS, consumer.position(PARTITION));
            assertEquals(Map.of(PARTITION, (long) RECORDS), consumer.endOffsets(List.of(PARTITION)));
            assertEquals(List.of(), consumer.poll(Duration.ofMillis(100)));

            send(reader, settings, 1);
            assertEquals(
                    List.of((long) RECORDS),
                    consumer.poll(Duration.ofSeconds(1)).stream()
                            .map(ConsumerRecord::offset)
                            .toList());
        }
    }

    private Consumer<String, String> latest(int id, TopicSettings settings) {
        return cluster.topic(id, settings)
                .consumer(ConsumerSettings.defaults().withAutoOffsetReset(AutoOffsetReset.latest()));
    }

    private void send(int id, TopicSettings settings, int count) {
        Topic<String, String> topic = cluster.topic(id, settings);
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(topic.send(ProducerRecord.of("key", "value-" + i).toPartition(0)));
        }
        cluster.awaitAll(answers);
    }
}
