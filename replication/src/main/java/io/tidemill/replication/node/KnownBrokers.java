package io.tidemill.replication.node;

import io.tidemill.broker.Incarnation;
import io.tidemill.broker.Incarnation.Fate;
import io.tidemill.replication.controller.BrokerRegistration;
import io.tidemill.replication.controller.ClusterCore;
import java.util.HashMap;
import java.util.Map;

/** Which brokers the metadata tell of, for threads that must not touch the core. Written by the lane thread. */
final class KnownBrokers {
    private record Known(long metadataEpoch, Map<Integer, BrokerRegistration> byId) {}

    private volatile Known known = new Known(0, Map.of());

    /** Brokers came, went or changed. */
    void onChanged(ClusterCore core) {
        Map<Integer, BrokerRegistration> byId = new HashMap<>();
        core.brokers().forEach(broker -> byId.put(broker.id(), broker));
        known = new Known(core.metadataEpoch(), byId);
    }

    /** What has become of another one. Any thread. */
    Fate fate(Incarnation broker) {
        Known now = known;
        BrokerRegistration present = now.byId().get(broker.brokerId());
        if (present == null || present.epoch() < broker.epoch()) {
            // Of who registered later than that, nothing is known yet.
            return broker.epoch() > now.metadataEpoch() ? Fate.ELSEWHERE : Fate.OVER;
        }
        if (present.epoch() > broker.epoch()) {
            return Fate.OVER;
        }
        return present.isFenced() ? Fate.SILENT : Fate.ELSEWHERE;
    }
}
