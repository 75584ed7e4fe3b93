package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** P03, through the whole broker: which partition a record goes to. The hash itself is proved by Murmur2Test. */
class PartitioningTest {
    /** As kafka-clients 4.4.0 place these keys in a topic of twelve partitions. */
    private static final Map<String, Integer> KAFKAS = Map.of(
            "",
            9,
            "a",
            4,
            "order-17",
            9,
            "customer-123",
            0,
            "vehicle-0",
            4,
            "vehicle-9",
            6,
            "äöü",
            8,
            "the quick brown fox",
            1,
            "0000000000000000",
            6);

    @Test
    void sendsKeysWhereKafkaSendsThem() {
        try (Broker broker = Broker.inMemory()) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(12));

            KAFKAS.forEach((key, partition) ->
                    assertEquals(partition, topic.send(key, "v").join().partition(), () -> "key=" + key));
        }
    }

    @Test
    void staysWithAPartitionForAWhileWithoutAKeyAndReachesAll() {
        try (Broker broker = Broker.inMemory()) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));
            Map<Integer, Integer> counts = new TreeMap<>();
            int changes = 0;
            int last = -1;

            for (int i = 0; i < 10_000; i++) {
                int partition = topic.send(null, "v").join().partition();
                counts.merge(partition, 1, Integer::sum);
                changes += partition == last ? 0 : 1;
                last = partition;
            }

            assertEquals(3, counts.size());
            assertTrue(counts.values().stream().allMatch(count -> count > 3_000), counts::toString);
            assertTrue(changes < 100, "changes=" + changes);
        }
    }

    @Test
    void goesToThePartitionThatTheRecordNames() {
        try (Broker broker = Broker.inMemory()) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(5));

            for (int partition = 0; partition < 5; partition++) {
                ProducerRecord<String, String> record =
                        ProducerRecord.<String, String>of("same", "v").toPartition(partition);
                assertEquals(partition, topic.send(record).join().partition());
            }
        }
    }

    @Test
    void asksACustomPartitionerOncePerRecord() {
        try (Broker broker = Broker.inMemory()) {
            AtomicInteger calls = new AtomicInteger();
            Topic<String, String> topic = broker.topic(
                            "t", Serdes.string(), Serdes.string(), TopicSettings.partitions(4))
                    .partitionedBy((key, index, length, partitions) -> {
                        calls.incrementAndGet();
                        return length == -1 ? 0 : key.getByte(index) % partitions;
                    });

            assertEquals(0, topic.send(null, "v").join().partition());
            assertEquals('b' % 4, topic.send("b", "v").join().partition());
            topic.send(ProducerRecord.<String, String>of("b", "v").toPartition(1))
                    .join();
            assertEquals(2, calls.get());
        }
    }
}
