package io.tidemill.replication.controller;

import io.tidemill.replication.controller.ClusterEvent.BrokerFenced;
import io.tidemill.replication.controller.ClusterEvent.BrokerRegistered;
import io.tidemill.replication.controller.ClusterEvent.BrokerRemoved;
import io.tidemill.replication.controller.ClusterEvent.BrokerShuttingDown;
import io.tidemill.replication.controller.ClusterEvent.BrokerUnfenced;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which brokers there are. Changed by replaying only. */
final class Brokers {
    private final SortedMap<Integer, BrokerRegistration> byId = new TreeMap<>();

    /** In the order of their ids. */
    Collection<BrokerRegistration> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    @Nullable
    BrokerRegistration find(int brokerId) {
        return byId.get(brokerId);
    }

    boolean isActive(int brokerId) {
        BrokerRegistration broker = byId.get(brokerId);
        return broker != null && broker.isActive();
    }

    List<BrokerRegistration> active() {
        return byId.values().stream().filter(BrokerRegistration::isActive).toList();
    }

    /** The broker whose request this is. */
    BrokerRegistration require(int brokerId, long brokerEpoch) {
        BrokerRegistration broker = require(brokerId);
        if (broker.epoch() != brokerEpoch) {
            throw new RefusedException(
                    Refusal.STALE_BROKER_EPOCH,
                    "another incarnation of the broker is registered: brokerId=" + brokerId + ", brokerEpoch="
                            + brokerEpoch + ", registered=" + broker.epoch());
        }
        return broker;
    }

    BrokerRegistration require(int brokerId) {
        BrokerRegistration broker = byId.get(brokerId);
        if (broker == null) {
            throw new RefusedException(
                    Refusal.BROKER_ID_NOT_REGISTERED,
                    "no such broker: brokerId=" + brokerId + ", brokers=" + byId.keySet());
        }
        return broker;
    }

    void replay(BrokerRegistered event, long metadataEpoch) {
        if (event.epoch() != metadataEpoch) {
            throw new IllegalStateException("registration was decided on another state: brokerId=" + event.brokerId()
                    + ", epoch=" + event.epoch() + ", metadataEpoch=" + metadataEpoch);
        }
        put(new BrokerRegistration(
                event.brokerId(), event.epoch(), event.incarnation(), true, BrokerRegistration.NOT_STOPPING));
    }

    void replay(BrokerFenced event) {
        put(known(event.brokerId()).fenced());
    }

    void replay(BrokerUnfenced event) {
        put(known(event.brokerId()).unfenced());
    }

    void replay(BrokerShuttingDown event, long metadataEpoch) {
        put(known(event.brokerId()).stoppingSince(metadataEpoch));
    }

    void replay(BrokerRemoved event) {
        byId.remove(known(event.brokerId()).id());
    }

    void put(BrokerRegistration broker) {
        byId.put(broker.id(), broker);
    }

    private BrokerRegistration known(int brokerId) {
        BrokerRegistration broker = byId.get(brokerId);
        if (broker == null) {
            throw new IllegalStateException("event of a broker that is not there: brokerId=" + brokerId);
        }
        return broker;
    }
}
