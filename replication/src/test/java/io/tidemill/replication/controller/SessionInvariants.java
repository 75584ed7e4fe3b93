package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.replication.controller.ClusterEvent.BrokerFenced;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** K01: whoever was silent for a session is fenced then, and nobody before. */
final class SessionInvariants {
    static final long SESSION_NS = 9_000_000_000L;

    private final Map<Integer, Long> heardNs = new HashMap<>();
    private long electedNs;

    /** A controller that has not listened yet. */
    void onElected(long nowNs) {
        heardNs.clear();
        electedNs = nowNs;
    }

    /** When a broker was heard of, by whichever controller. */
    long heardNs(int brokerId) {
        return heardNs.getOrDefault(brokerId, electedNs);
    }

    void onHeard(int brokerId, long nowNs) {
        heardNs.put(brokerId, nowNs);
    }

    /** @param events what time has come to, not replayed yet */
    void onTime(List<ClusterEvent> events, ClusterCore core, long nowNs) {
        Set<Integer> fenced = new HashSet<>();
        for (ClusterEvent event : events) {
            if (event instanceof BrokerFenced brokerFenced) {
                fenced.add(brokerFenced.brokerId());
            }
        }
        for (BrokerRegistration broker : core.brokers()) {
            long silentNs = nowNs - heardNs(broker.id());
            assertEquals(
                    !broker.isFenced() && silentNs >= SESSION_NS,
                    fenced.contains(broker.id()),
                    () -> "silentNs=" + silentNs + ", " + broker);
        }
        assertTrue(core.quietNs(nowNs) > 0 || !events.isEmpty(), "time had to do something");
    }
}
