package io.tidemill.lane;

import io.tidemill.runtime.TimedAgent;
import java.util.List;

/**
 * Completes the futures of all lanes, and does what others have to do in between. A callback of the user runs here and may take its
 * time, at the senders' cost.
 */
public final class DeliveryAgent implements TimedAgent {
    private static final int DELIVERIES_PER_CYCLE_MAX = 1024;

    private final List<DeliveryQueue> queues;
    private final TimedAgent beside;

    public DeliveryAgent(List<DeliveryQueue> queues, TimedAgent beside) {
        this.queues = List.copyOf(queues);
        this.beside = beside;
    }

    @Override
    public int doWork() throws Exception {
        return deliver() + beside.doWork();
    }

    @Override
    public long idleNsMax() {
        return beside.idleNsMax();
    }

    private int deliver() {
        int work = 0;
        for (int i = 0; i < queues.size(); i++) {
            work += queues.get(i).drain(DELIVERIES_PER_CYCLE_MAX);
        }
        return work;
    }

    /** The lanes are closed by now. */
    @Override
    public void onClose() {
        while (deliver() > 0) {
            // until all are delivered: nothing comes in any more
        }
    }

    @Override
    public String roleName() {
        return "tidemill-delivery";
    }
}
