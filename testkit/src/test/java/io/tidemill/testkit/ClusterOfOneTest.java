package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import io.tidemill.errors.TopicExistsException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.groups.ShareGroup;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterSettings;
import io.tidemill.spi.Storage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cluster may have one broker only; then it is as good as a broker that is alone. */
@Timeout(60)
class ClusterOfOneTest {
    private static final ClusterSettings SETTINGS =
            ClusterSettings.of(1, Map.of(1, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));

    @Test
    void keepsWhatItIsSentOverARestart() {
        Storage storage = Storage.inMemory();
        try (Broker broker = Cluster.join(storage, SETTINGS)) {
            topic(broker).send("k", "v").join();
        }

        try (Broker broker = Cluster.join(storage, SETTINGS);
                Consumer<String, String> consumer = topic(broker).consumer()) {
            assertEquals(
                    "v", consumer.poll(Duration.ofSeconds(20)).iterator().next().value());
        }
    }

    @Test
    void topicsAreAlteredAndDeletedAsOnABrokerThatIsAlone() {
        try (Broker broker = Cluster.join(Storage.inMemory(), SETTINGS)) {
            topic(broker);
            assertThrows(TopicExistsException.class, () -> broker.createTopic("topic", TopicSettings.partitions(1)));

            broker.alterTopic("topic", now -> now.withPartitions(3).with("retention.ms", "60000"));

            assertEquals(3, broker.describeTopic("topic").partitions().size());
            assertEquals("60000", broker.describeTopic("topic").settings().get(TopicSetting.RETENTION_MS));
            assertThrows(
                    IllegalArgumentException.class, () -> broker.alterTopic("topic", now -> now.withPartitions(1)));

            broker.deleteTopic("topic");

            assertTrue(broker.topics().isEmpty());
            assertThrows(UnknownTopicOrPartitionException.class, () -> broker.deleteTopic("topic"));
        }
    }

    @Test
    void tellsWhoIsThere() {
        try (Broker broker = Cluster.join(Storage.inMemory(), SETTINGS)) {
            topic(broker);

            ClusterDescription known = Cluster.describe(broker);

            assertEquals(1, known.controllerId());
            assertEquals(1, known.brokers().get(0).leads());
            assertTrue(known.offline().isEmpty());
            assertTrue(known.underReplicated().isEmpty());
        }
    }

    @Test
    void shareGroupsAreRefused() {
        try (Broker broker = Cluster.join(Storage.inMemory(), SETTINGS)) {
            Topic<String, String> topic = topic(broker);

            assertThrows(UnsupportedOperationException.class, () -> ShareGroup.join(topic, "group"));
        }
    }

    @Test
    void aBrokerInNoClusterHasNothingToTellOfOne() {
        try (Broker broker = Broker.inMemory()) {
            assertThrows(IllegalArgumentException.class, () -> Cluster.describe(broker));
        }
    }

    private static Topic<String, String> topic(Broker broker) {
        return broker.topic("topic", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
    }
}
