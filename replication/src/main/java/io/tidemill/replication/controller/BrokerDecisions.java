package io.tidemill.replication.controller;

import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterAnswer.Heard;
import io.tidemill.replication.controller.ClusterAnswer.Registered;
import io.tidemill.replication.controller.ClusterEvent.BrokerFenced;
import io.tidemill.replication.controller.ClusterEvent.BrokerRegistered;
import io.tidemill.replication.controller.ClusterEvent.BrokerRemoved;
import io.tidemill.replication.controller.ClusterEvent.BrokerShuttingDown;
import io.tidemill.replication.controller.ClusterEvent.BrokerUnfenced;
import io.tidemill.replication.controller.ClusterRequest.Heartbeat;
import io.tidemill.replication.controller.ClusterRequest.Register;
import io.tidemill.replication.controller.ClusterRequest.RemoveBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who is a broker, and who lives.
 *
 * <pre>
 *               registers           heard, caught up            wants to stop
 *   (nobody) ───────────► fenced ──────────────────► active ◄──────────────────► stopping
 *                           ▲                          │     wants not to any more  │
 *                           └──────────────────────────┴────────────────────────────┘
 *                             silent for too long, or another incarnation     (or may stop)
 * </pre>
 */
final class BrokerDecisions {
    private final ClusterState state;
    private final BrokerSessions sessions;
    private final PartitionDecisions partitions;

    BrokerDecisions(ClusterState state, BrokerSessions sessions, PartitionDecisions partitions) {
        this.state = state;
        this.sessions = sessions;
        this.partitions = partitions;
    }

    Decision register(Register request, long nowNs) {
        int brokerId = request.brokerId();
        if (brokerId < 0) {
            throw new RefusedException(Refusal.INVALID_REQUEST, "broker id must not be negative: brokerId=" + brokerId);
        }
        BrokerRegistration known = state.brokers().find(brokerId);
        if (known != null
                && known.incarnation().id().equals(request.incarnation().id())) {
            sessions.onHeard(brokerId, nowNs);
            return Decision.of(new Registered(known.epoch()));
        }
        if (known != null && !isSilent(brokerId, nowNs)) {
            throw new RefusedException(
                    Refusal.DUPLICATE_BROKER_REGISTRATION,
                    "another broker has that id, and may live still: brokerId=" + brokerId + ", address="
                            + known.incarnation().address());
        }
        sessions.begin(brokerId, nowNs);
        Set<Integer> self = Set.of(brokerId);
        List<ClusterEvent> events = new ArrayList<>(partitions.without(self, request.isTailLost() ? self : Set.of()));
        long epoch = state.metadataEpoch() + 1;
        events.add(new BrokerRegistered(brokerId, epoch, request.incarnation()));
        return new Decision(events, new Registered(epoch));
    }

    private boolean isSilent(int brokerId, long nowNs) {
        return sessions.isOver(brokerId, state.settings().sessionTimeoutNs(), nowNs);
    }

    Decision heartbeat(Heartbeat request, long nowNs) {
        BrokerRegistration broker = state.brokers().require(request.brokerId(), request.brokerEpoch());
        sessions.onHeard(broker.id(), nowNs);
        sessions.onReplayed(broker.id(), request.metadataEpoch());
        if (request.wantsToStop()) {
            return stop(broker);
        }
        if (!broker.isActive() && request.metadataEpoch() >= broker.epoch()) {
            List<ClusterEvent> events = new ArrayList<>();
            events.add(new BrokerUnfenced(broker.id()));
            events.addAll(partitions.with(broker.id()));
            return new Decision(events, new Heard(false, false));
        }
        return Decision.of(new Heard(broker.isFenced(), false));
    }

    /** Others lead first; when all of them know, it may go. */
    private Decision stop(BrokerRegistration broker) {
        if (broker.isFenced()) {
            return Decision.of(new Heard(true, true));
        }
        if (!broker.isStopping()) {
            List<ClusterEvent> events = new ArrayList<>(partitions.without(Set.of(broker.id()), Set.of()));
            events.add(new BrokerShuttingDown(broker.id()));
            return new Decision(events, new Heard(false, false));
        }
        for (BrokerRegistration other : state.brokers().active()) {
            if (sessions.metadataEpoch(other.id()) < broker.stoppingSince()) {
                return Decision.of(new Heard(false, false));
            }
        }
        return new Decision(List.of(new BrokerFenced(broker.id())), new Heard(true, true));
    }

    Decision remove(RemoveBroker request) {
        BrokerRegistration broker = state.brokers().require(request.brokerId());
        if (!broker.isFenced()) {
            throw new RefusedException(
                    Refusal.INVALID_REQUEST, "a broker that lives cannot be removed: brokerId=" + broker.id());
        }
        PartitionId kept = partitions.findKeptBy(broker.id());
        if (kept != null) {
            throw new RefusedException(
                    Refusal.INVALID_REQUEST,
                    "broker keeps partitions, which have to be reassigned first: brokerId=" + broker.id()
                            + ", one of them=" + kept);
        }
        return new Decision(List.of(new BrokerRemoved(broker.id())), new Done());
    }

    /** Fences those who were silent for too long. */
    List<ClusterEvent> fenceSilent(long nowNs) {
        Set<Integer> silent = new TreeSet<>();
        for (BrokerRegistration broker : state.brokers().all()) {
            if (!broker.isFenced() && isSilent(broker.id(), nowNs)) {
                silent.add(broker.id());
            }
        }
        sessions.forgetOver(state.settings().sessionTimeoutNs(), nowNs);
        if (silent.isEmpty()) {
            return List.of();
        }
        List<ClusterEvent> events = new ArrayList<>(partitions.without(silent, Set.of()));
        silent.forEach(brokerId -> events.add(new BrokerFenced(brokerId)));
        return events;
    }
}
