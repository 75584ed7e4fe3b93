package io.tidemill.broker;

import io.tidemill.BrokerSettings;
import io.tidemill.TopicSettings;
import io.tidemill.lane.Appenders;
import io.tidemill.lane.DeliveryAgent;
import io.tidemill.lane.DeliveryQueue;
import io.tidemill.lane.Lane;
import io.tidemill.lane.Partition;
import io.tidemill.metrics.Telemetry;
import io.tidemill.ring.ProduceRing;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.TimedAgent;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.Clock;
import io.tidemill.spi.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/** The lanes of a broker and the agent that delivers for them, wired together; deals out partitions in turn. */
public final class Lanes {
    private final AgentHost host;
    private final Telemetry telemetry;
    private final Appenders appenders;
    private final List<Lane> lanes = new ArrayList<>();
    private final @Nullable DeliveryAgent delivery;
    private final List<Wakeup> wakeups = new ArrayList<>();
    private final Wakeup deliveryWakeup;
    private int next;

    Lanes(
            BrokerSettings settings,
            Clock clock,
            AgentHost host,
            Telemetry telemetry,
            PeerSide peers,
            TimedAgent besideDelivery,
            boolean areFollowers) {
        this.host = host;
        this.telemetry = telemetry;
        this.appenders = peers.appenders();
        this.deliveryWakeup = host.newWakeup(ThreadParker.INSTANCE);
        List<DeliveryQueue> deliveries = new ArrayList<>();
        for (int i = 0; i < settings.lanes(); i++) {
            Wakeup laneWakeup = host.newWakeup(peers.parker());
            DeliveryQueue queue = new DeliveryQueue(laneWakeup, deliveryWakeup);
            ProduceRing ring = new ProduceRing(settings.ringBytes(), laneWakeup);
            String name = "tidemill-lane-" + i;
            Lane lane = areFollowers
                    ? Lane.follower(name, clock, telemetry, ring, queue)
                    : new Lane(name, clock, telemetry, ring, queue, settings.retentionCheckInterval());
            deliveries.add(queue);
            lanes.add(lane);
            telemetry.onLaneOpened(lane.metrics());
            wakeups.add(laneWakeup);
        }
        // Who writes nothing has nothing to deliver.
        this.delivery = areFollowers ? null : new DeliveryAgent(deliveries, besideDelivery);
        wakeups.add(deliveryWakeup);
    }

    void start(PeerSide peers) {
        List<Agent> agents = new ArrayList<>();
        lanes.forEach(lane -> agents.add(peers.beside(lane)));
        if (delivery != null) {
            agents.add(delivery);
        }
        host.start(agents, wakeups);
    }

    Partition add(String topic, int index, TopicSettings settings, PartitionLog log) {
        Lane lane = lanes.get(next);
        next = (next + 1) % lanes.size();
        Partition partition = lane.add(topic, index, settings, log, appenders);
        telemetry.onPartitionOpened(partition.metrics());
        return partition;
    }

    /** As {@link Lane#remove}. */
    void remove(Partition partition, Runnable onRemoved) {
        telemetry.onPartitionRemoved(partition.topic(), partition.index());
        lanes.stream().filter(lane -> lane.has(partition)).forEach(lane -> lane.remove(partition, onRemoved));
    }

    /** The lanes' threads look whether there is something to do. Any thread. */
    public void signal() {
        wakeups.forEach(Wakeup::signal);
    }

    /** What wakes the thread that delivers. */
    Wakeup deliveryWakeup() {
        return deliveryWakeup;
    }

    List<Lane> all() {
        return lanes;
    }

    void stopAccepting() {
        lanes.forEach(Lane::stopAccepting);
    }

    boolean areDrained() {
        return lanes.stream().allMatch(Lane::isDrained);
    }
}
