package io.tidemill.replication.controller;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntToLongFunction;

/**
 * Which brokers were heard of, and when. Known to the acting controller only, and forgotten with it: whoever becomes it begins
 * with when it has heard anything of each of them, or one that died with the former controller would have two sessions. Times are nanoseconds of one clock, compared by subtraction.
 */
final class BrokerSessions {
    /** @param metadataEpoch how far the broker had replayed when it said so last */
    private record Session(long heardNs, long metadataEpoch) {}

    private final Map<Integer, Session> byBroker = new HashMap<>();

    /** From now on this is the acting controller. */
    void begin(Collection<BrokerRegistration> brokers, IntToLongFunction heardNs) {
        byBroker.clear();
        for (BrokerRegistration broker : brokers) {
            if (!broker.isFenced()) {
                begin(broker.id(), heardNs.applyAsLong(broker.id()));
            }
        }
    }

    /** Of another incarnation than before. */
    void begin(int brokerId, long heardNs) {
        byBroker.put(brokerId, new Session(heardNs, 0));
    }

    void onHeard(int brokerId, long nowNs) {
        byBroker.put(brokerId, new Session(nowNs, metadataEpoch(brokerId)));
    }

    void onReplayed(int brokerId, long metadataEpoch) {
        byBroker.computeIfPresent(brokerId, (id, session) -> new Session(session.heardNs(), metadataEpoch));
    }

    void forget(int brokerId) {
        byBroker.remove(brokerId);
    }

    /** How far it has replayed at least. */
    long metadataEpoch(int brokerId) {
        Session session = byBroker.get(brokerId);
        return session == null ? 0 : session.metadataEpoch();
    }

    boolean isOver(int brokerId, long timeoutNs, long nowNs) {
        Session session = byBroker.get(brokerId);
        return session == null || leftNs(session, timeoutNs, nowNs) <= 0;
    }

    /** How long until the next one is over, if nobody is heard of. */
    long quietNs(long timeoutNs, long nowNs) {
        long quietNs = Long.MAX_VALUE;
        for (Session session : byBroker.values()) {
            quietNs = Math.min(quietNs, leftNs(session, timeoutNs, nowNs));
        }
        return quietNs;
    }

    private static long leftNs(Session session, long timeoutNs, long nowNs) {
        return timeoutNs - (nowNs - session.heardNs());
    }

    void forgetOver(long timeoutNs, long nowNs) {
        byBroker.values().removeIf(session -> leftNs(session, timeoutNs, nowNs) <= 0);
    }
}
