package io.tidemill.lane;

import java.util.List;
import org.agrona.concurrent.Agent;

/** Completes the futures of all lanes. A callback of the user runs here and may take its time, at the senders' cost. */
public final class DeliveryAgent implements Agent {
    private static final int DELIVERIES_PER_CYCLE_MAX = 1024;

    private final List<DeliveryQueue> queues;

    public DeliveryAgent(List<DeliveryQueue> queues) {
        this.queues = List.copyOf(queues);
    }

    @Override
    public int doWork() {
        int work = 0;
        for (int i = 0; i < queues.size(); i++) {
            work += queues.get(i).drain(DELIVERIES_PER_CYCLE_MAX);
        }
        return work;
    }

    /** The lanes are closed by now. */
    @Override
    public void onClose() {
        while (doWork() > 0) {
            // until all are delivered: nothing comes in any more
        }
    }

    @Override
    public String roleName() {
        return "tidemill-delivery";
    }
}
