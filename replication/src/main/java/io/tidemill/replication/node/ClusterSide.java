package io.tidemill.replication.node;

import io.tidemill.broker.BrokerInside;
import io.tidemill.broker.Incarnation;
import io.tidemill.broker.Incarnation.Fate;
import io.tidemill.broker.PeerSide;
import io.tidemill.broker.Topics;
import io.tidemill.lane.Appenders;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.runtime.TimedAgent;
import io.tidemill.spi.Parker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The side of a broker that the others of its cluster see. */
public final class ClusterSide implements PeerSide {
    private final NodeSettings settings;
    private final PeerNetwork network;
    private @Nullable ClusterNode node;

    public ClusterSide(NodeSettings settings, PeerNetwork network) {
        this.settings = settings;
        this.network = network;
    }

    @Override
    public boolean isAlone() {
        return false;
    }

    @Override
    public Parker parker() {
        return network.parker();
    }

    @Override
    public Appenders appenders() {
        return (partition, log, compressor) -> node().topics().newAppender(partition, log, compressor);
    }

    @Override
    public Topics topics(BrokerInside inside) {
        node = new ClusterNode(settings, inside, network);
        node.start();
        return node.topics();
    }

    @Override
    public Incarnation self() {
        return node().self();
    }

    @Override
    public Fate fate(Incarnation broker) {
        return node().fate(broker);
    }

    @Override
    public boolean canAgree() {
        return node().isMajorityThere();
    }

    @Override
    public Duration patience() {
        return settings.requestTimeout();
    }

    @Override
    public TimedAgent beside(TimedAgent lane) {
        return new NodeAgent(node(), lane);
    }

    @Override
    public void leave() {
        node().leave();
    }

    /** The cluster, as this broker knows it when it takes part. Any thread, but none of the broker's own. */
    public ClusterDescription describe() {
        return describe(settings.requestTimeout());
    }

    /** The same, whether it takes part or not when the patience ends. */
    public ClusterDescription describe(Duration patience) {
        return node().describe(patience);
    }

    private ClusterNode node() {
        if (node == null) {
            throw new IllegalStateException("the broker is not open yet");
        }
        return node;
    }
}
