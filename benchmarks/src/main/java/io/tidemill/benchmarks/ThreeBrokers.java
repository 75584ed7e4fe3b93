package io.tidemill.benchmarks;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterSettings;
import io.tidemill.replication.udp.UdpSettings;
import io.tidemill.replication.udp.UdpTransport;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.agrona.CloseHelper;

/** A cluster of three brokers in this JVM, over UDP on loopback. */
final class ThreeBrokers implements AutoCloseable {
    static final int COUNT = 3;

    private static final int MIN_INSYNC_REPLICAS = 2;

    private final List<Broker> brokers = new ArrayList<>();

    /**
     * Opens them.
     *
     * @param storage of each broker
     * @param wire what becomes of a broker's transport before the broker gets it
     */
    ThreeBrokers(IntFunction<Storage> storage, UnaryOperator<Transport> wire) {
        JvmAccess.ensureAgrona();
        Map<Integer, InetSocketAddress> members = freeAddresses();
        try {
            for (int id : members.keySet()) {
                brokers.add(join(storage.apply(id), ClusterSettings.of(id, members), wire));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static Broker join(Storage storage, ClusterSettings settings, UnaryOperator<Transport> wire) {
        int id = settings.brokerId();
        Map<Integer, InetSocketAddress> members = settings.members();
        UdpTransport transport = UdpTransport.open(id, Objects.requireNonNull(members.get(id)), UdpSettings.defaults());
        try {
            members.forEach((peer, address) -> {
                if (peer != id) {
                    transport.addPeer(peer, address);
                }
            });
            return Cluster.join(
                    storage,
                    BrokerSettings.defaults().withRetentionCheckInterval(ClusterMeasurement.RETENTION_CHECK_INTERVAL),
                    settings,
                    Seams.system(),
                    wire.apply(transport),
                    transport.parker());
        } catch (RuntimeException e) {
            transport.close();
            throw e;
        }
    }

    static Map<Integer, InetSocketAddress> freeAddresses() {
        Map<Integer, InetSocketAddress> members = new TreeMap<>();
        List<DatagramSocket> sockets = new ArrayList<>();
        try {
            for (int id = 1; id <= COUNT; id++) {
                DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                members.put(id, new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            // Only now, or the next one might get the same.
            CloseHelper.closeAll(sockets);
        }
        return members;
    }

    /** On all brokers, and acknowledged by two at least; sent to from the first one. */
    Topic<byte[], byte[]> createTopic(int partitions) {
        return brokers.get(0).topic("topic", Serdes.bytes(), Serdes.bytes(), topicSettings(partitions));
    }

    static TopicSettings topicSettings(int partitions) {
        return TopicSettings.partitions(partitions)
                .withReplicationFactor(COUNT)
                .withMinInsyncReplicas(MIN_INSYNC_REPLICAS)
                .withSegmentBytes(ClusterMeasurement.SEGMENT_BYTES)
                .withRetentionBytes(ClusterMeasurement.RETENTION_BYTES);
    }

    @Override
    public void close() {
        CloseHelper.closeAll(brokers);
    }
}
