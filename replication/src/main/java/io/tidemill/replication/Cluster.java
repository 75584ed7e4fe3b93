package io.tidemill.replication;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ClusterMetrics;
import io.tidemill.broker.BrokerOpening;
import io.tidemill.broker.HostBroker;
import io.tidemill.replication.node.ClusterSide;
import io.tidemill.replication.node.PeerNetwork;
import io.tidemill.replication.node.SettingsOfNode;
import io.tidemill.replication.secret.Protection;
import io.tidemill.replication.udp.UdpSettings;
import io.tidemill.replication.udp.UdpTransport;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.runtime.SystemRandom;
import io.tidemill.spi.Parker;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Several brokers that keep the same topics, in one JVM or in several. Each of them is a {@link Broker} like any other, and takes
 * any call; a topic's partitions are kept by as many brokers as its {@code replication.factor} says, and as long as enough of them are
 * there, nothing is lost that was acknowledged with {@code acks=all}.
 */
public final class Cluster {
    private Cluster() {}

    /**
     * Opens a broker of a cluster, which talks to the others by UDP. It returns at once; calls wait until enough of the others are
     * there.
     *
     * @param storage where this broker keeps what it keeps
     * @param settings how it takes part
     * @return the broker, owned by the caller
     */
    public static Broker join(Storage storage, ClusterSettings settings) {
        return join(storage, BrokerSettings.defaults(), settings, Seams.system());
    }

    /**
     * The same with other settings of the broker itself, which has one lane in a cluster.
     *
     * @param storage as above
     * @param brokerSettings how the broker works
     * @param settings as above
     * @param seams what the broker takes from its surroundings
     * @return as above
     */
    public static Broker join(Storage storage, BrokerSettings brokerSettings, ClusterSettings settings, Seams seams) {
        JvmAccess.ensureAgrona();
        Map<Integer, InetSocketAddress> members = settings.members();
        InetSocketAddress address = Objects.requireNonNull(members.get(settings.brokerId()));
        UdpTransport transport = UdpTransport.open(settings.brokerId(), address, UdpSettings.defaults());
        try {
            members.forEach((id, peerAddress) -> {
                if (id != settings.brokerId()) {
                    transport.addPeer(id, peerAddress);
                }
            });
            return join(storage, brokerSettings, settings, seams, transport, transport.parker());
        } catch (Throwable e) {
            transport.close();
            throw e;
        }
    }

    /**
     * The same over another transport.
     *
     * @param storage as above
     * @param brokerSettings as above
     * @param settings as above
     * @param seams as above
     * @param transport knows the other members; closed with the broker
     * @param parker sleeps until the transport has something, or it is unparked
     * @return as above
     */
    public static Broker join(
            Storage storage,
            BrokerSettings brokerSettings,
            ClusterSettings settings,
            Seams seams,
            Transport transport,
            Parker parker) {
        if (brokerSettings.lanes() != 1) {
            throw new IllegalArgumentException("a broker of a cluster has one lane: lanes=" + brokerSettings.lanes());
        }
        byte[] secret = settings.secret();
        RandomGenerator nonces =
                secret == null ? SystemRandom.seeded(seams.random().nextLong()) : SystemRandom.secret();
        PeerNetwork network = new PeerNetwork(transport, parker, Protection.of(secret), nonces);
        return BrokerOpening.open(
                storage, brokerSettings, seams, new ClusterSide(SettingsOfNode.of(settings), network));
    }

    /**
     * Kafka's {@code describeCluster()}: who is there, and who keeps what. A broker that was just opened first waits until it takes
     * part, or it would tell what was so when it was closed; but not longer than for any other answer.
     *
     * @param broker one of a cluster
     * @return what that broker knows
     */
    public static ClusterDescription describe(Broker broker) {
        return side(broker).describe();
    }

    /**
     * The same, with another patience.
     *
     * @param broker as above
     * @param patience how long to wait until the broker takes part; zero for what it knows now, however old that is
     * @return as above
     */
    public static ClusterDescription describe(Broker broker, Duration patience) {
        return side(broker).describe(patience);
    }

    /**
     * The figures of a broker and of its cluster, which anybody may look at as often as he likes. A listener is given the same by {@link
     * io.tidemill.MetricsListener#onClusterOpened}, and told of what happens.
     *
     * @param broker one of a cluster
     * @return goes on telling
     */
    public static ClusterMetrics metrics(Broker broker) {
        return side(broker).metrics();
    }

    static ClusterSide side(Broker broker) {
        if (HostBroker.of(broker).peers() instanceof ClusterSide side) {
            return side;
        }
        throw new IllegalArgumentException("the broker is in no cluster: broker=" + broker);
    }
}
