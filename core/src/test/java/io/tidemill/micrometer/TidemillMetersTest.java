package io.tidemill.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ClusterMetrics;
import io.tidemill.Consumer;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** O01: a broker's figures in a registry of Micrometer's, and out of it again. */
class TidemillMetersTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final TidemillMeters meters = new TidemillMeters(registry, Tags.of("broker", "b"));
    private final Storage storage = Storage.inMemory();

    @Test
    void showsWhatIsAppendedFlushedAndRead() {
        try (Broker broker = open()) {
            Topic<String, String> topic =
                    topic(broker, TopicSettings.partitions(1).withFlush(FlushSettings.EVERY_BATCH));
            for (int batch = 0; batch < 3; batch++) {
                topic.send("k", "v");
                topic.send("k", "v").join();
            }
            try (Consumer<String, String> consumer = topic.consumer()) {
                assertEquals(6, consumer.poll(Duration.ZERO).size());
            }

            assertEquals(6, counter("tidemill.append.records"));
            assertEquals(3 * (64 + 2 * 32), counter("tidemill.append.bytes"));
            assertEquals(0, counter("tidemill.append.failed"));
            assertEquals(6, counter("tidemill.read.records"));
            assertEquals(6 * 32, counter("tidemill.read.bytes"));
            assertEquals(3, registry.get("tidemill.append").tags(tags()).timer().count());
            assertEquals(3, registry.get("tidemill.flush").tags(tags()).timer().count());
            assertEquals(
                    0,
                    registry.get("tidemill.send.blocked").tags(tags()).timer().count());
            assertEquals(0, gauge("tidemill.log.start.offset"));
            assertEquals(6, gauge("tidemill.log.end.offset"));
            assertEquals(3 * (64 + 2 * 32), gauge("tidemill.log.size"));
            assertEquals(
                    4 << 20,
                    registry.get("tidemill.ring.size")
                            .tags("broker", "b", "lane", "tidemill-lane-0")
                            .gauge()
                            .value());
            assertEquals(0, registry.get("tidemill.ring.used").gauge().value());
        }
    }

    @Test
    void countsSendsThatWaited() {
        BrokerSettings smallRing = BrokerSettings.defaults().withRingBytes(64 * 1024);
        try (Broker broker = Broker.open(storage, smallRing, seams())) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            for (int i = 0; i < 100; i++) {
                topic.send("k", "v".repeat(1_000));
            }

            assertTrue(
                    registry.get("tidemill.send.blocked").tags(tags()).timer().count() > 0);
            assertEquals(0, counter("tidemill.send.refused"));
        }
    }

    @Test
    void followsTopicsThatComeGrowAndGo() {
        try (Broker broker = open()) {
            assertEquals(Set.of("__cluster_metadata-0"), partitions());

            topic(broker, TopicSettings.partitions(1));
            broker.alterTopic("t", now -> now.withPartitions(2));
            assertEquals(Set.of("__cluster_metadata-0", "t-0", "t-1"), partitions());

            broker.deleteTopic("t");
            assertEquals(Set.of("__cluster_metadata-0"), partitions());

            Topic<String, String> again = topic(broker, TopicSettings.partitions(1));
            again.send("k", "v").join();
            assertEquals(1, counter("tidemill.append.records"));
            assertEquals(1, registry.get("tidemill.append").tags(tags()).timer().count());
        }
    }

    @Test
    void showsAClusterUntilItIsClosed() {
        meters.onClusterOpened(figures(ClusterMetrics.class));

        assertEquals(
                value("underReplicatedPartitions"),
                registry.get("tidemill.cluster.partitions.under.replicated")
                        .tags("broker", "b")
                        .gauge()
                        .value());
        assertEquals(
                value("offlinePartitions"),
                registry.get("tidemill.cluster.partitions.offline")
                        .tags("broker", "b")
                        .gauge()
                        .value());
        assertEquals(
                value("controllerId"),
                registry.get("tidemill.cluster.controller.id")
                        .tags("broker", "b")
                        .gauge()
                        .value());
        assertEquals(
                value("followerLagMax"),
                registry.get("tidemill.cluster.follower.lag.max")
                        .tags("broker", "b")
                        .gauge()
                        .value());
        assertEquals(
                1,
                registry.get("tidemill.cluster.active")
                        .tags("broker", "b")
                        .gauge()
                        .value());
        assertEquals(
                value("inSyncShrinks"),
                registry.get("tidemill.cluster.in.sync.shrinks")
                        .tags("broker", "b")
                        .functionCounter()
                        .count());
        assertEquals(
                value("replicatedInBytes"),
                registry.get("tidemill.cluster.replicated.in.bytes")
                        .tags("broker", "b")
                        .functionCounter()
                        .count());
        assertEquals(
                value("roundTripNs") / 1e9,
                registry.get("tidemill.peer.round.trip")
                        .tags("broker", "b", "peer", Integer.toString((int) value("brokerId")))
                        .gauge()
                        .value(),
                1e-12);

        meters.close();
        assertEquals(List.of(), registry.getMeters());
    }

    /** Each figure has a value of its own. */
    private static <T> T figures(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getReturnType() == List.class) {
                        return List.of(figures(ClusterMetrics.PeerMetrics.class));
                    }
                    if (method.getReturnType() == boolean.class) {
                        return true;
                    }
                    long value = value(method.getName());
                    return method.getReturnType() == int.class ? (Object) (int) value : (Object) value;
                }));
    }

    private static long value(String figure) {
        return Math.floorMod(figure.hashCode(), 100_003);
    }

    @Test
    void leavesNothingInTheRegistry() {
        Broker broker = open();
        topic(broker, TopicSettings.partitions(2)).send("k", "v").join();

        meters.close();

        assertEquals(List.of(), registry.getMeters());
        topic(broker, TopicSettings.partitions(2)).send("k", "v").join();
        broker.createTopic("later", TopicSettings.partitions(1));
        assertEquals(List.of(), registry.getMeters());
        broker.close();
    }

    @Test
    void keepsTheLastFiguresOfABrokerThatWasClosed() {
        try (Broker broker = open()) {
            topic(broker, TopicSettings.partitions(1)).send("k", "v").join();
        }
        assertEquals(1, gauge("tidemill.log.end.offset"));
        assertEquals(0, gauge("tidemill.log.start.offset"));
        assertEquals(1, counter("tidemill.append.records"));
        meters.close();
        assertNull(registry.find("tidemill.log.end.offset").gauge());
    }

    private static Tags tags() {
        return Tags.of("broker", "b", "topic", "t", "partition", "0");
    }

    private double counter(String name) {
        return registry.get(name).tags(tags()).functionCounter().count();
    }

    private double gauge(String name) {
        return registry.get(name).tags(tags()).gauge().value();
    }

    private Set<String> partitions() {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .filter(id -> id.getTag("topic") != null)
                .map(id -> id.getTag("topic") + "-" + id.getTag("partition"))
                .collect(Collectors.toSet());
    }

    private Broker open() {
        return Broker.open(storage, BrokerSettings.defaults(), seams());
    }

    private Seams seams() {
        return Seams.system().withThreads(Threads.manual()).withMetricsListener(meters);
    }

    private static Topic<String, String> topic(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }
}
