package io.tidemill.broker;

import io.tidemill.BrokerSettings;
import io.tidemill.TopicSettings;
import io.tidemill.lane.DeliveryAgent;
import io.tidemill.lane.DeliveryQueue;
import io.tidemill.lane.Lane;
import io.tidemill.lane.Partition;
import io.tidemill.metrics.Telemetry;
import io.tidemill.ring.ProduceRing;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.Clock;
import io.tidemill.spi.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.Agent;

/** The lanes of a broker and the agent that delivers for them, wired together; deals out partitions in turn. */
final class Lanes {
    private final AgentHost host;
    private final Telemetry telemetry;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<Agent> agents = new ArrayList<>();
    private final List<Wakeup> wakeups = new ArrayList<>();
    private int next;

    Lanes(BrokerSettings settings, Clock clock, AgentHost host, Telemetry telemetry, boolean areFollowers) {
        this.host = host;
        this.telemetry = telemetry;
        Wakeup deliveryWakeup = host.newWakeup();
        List<DeliveryQueue> deliveries = new ArrayList<>();
        for (int i = 0; i < settings.lanes(); i++) {
            Wakeup laneWakeup = host.newWakeup();
            DeliveryQueue queue = new DeliveryQueue(laneWakeup, deliveryWakeup);
            ProduceRing ring = new ProduceRing(settings.ringBytes(), laneWakeup);
            String name = "tidemill-lane-" + i;
            Lane lane = areFollowers
                    ? Lane.follower(name, clock, telemetry, ring, queue)
                    : new Lane(name, clock, telemetry, ring, queue, settings.retentionCheckInterval());
            deliveries.add(queue);
            lanes.add(lane);
            telemetry.onLaneOpened(lane.metrics());
            agents.add(lane);
            wakeups.add(laneWakeup);
        }
        if (!areFollowers) {
            agents.add(new DeliveryAgent(deliveries));
            wakeups.add(deliveryWakeup);
        }
    }

    void start() {
        host.start(agents, wakeups);
    }

    Partition add(String topic, int index, TopicSettings settings, PartitionLog log) {
        Lane lane = lanes.get(next);
        next = (next + 1) % lanes.size();
        Partition partition = lane.add(topic, index, settings, log);
        telemetry.onPartitionOpened(partition.metrics());
        return partition;
    }

    /** As {@link Lane#remove}. */
    void remove(Partition partition, Runnable onRemoved) {
        telemetry.onPartitionRemoved(partition.topic(), partition.index());
        lanes.stream().filter(lane -> lane.has(partition)).forEach(lane -> lane.remove(partition, onRemoved));
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
