package io.tidemill.replication.node;

import io.tidemill.broker.Incarnation;
import io.tidemill.replication.controller.ClusterAnswer;
import io.tidemill.replication.controller.ClusterAnswer.Heard;
import io.tidemill.replication.controller.ClusterAnswer.ProducerIds;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterAnswer.Registered;
import io.tidemill.replication.controller.ClusterCore;
import io.tidemill.replication.controller.ClusterRequest.GiveProducerIds;
import io.tidemill.replication.controller.ClusterRequest.Heartbeat;
import io.tidemill.replication.controller.ClusterRequest.Register;
import io.tidemill.replication.controller.Refusal;
import io.tidemill.replication.replica.Replicas;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker's life in the cluster: it registers, gets a producer id, says that it lives, and says when it is about to stop.
 *
 * <p>Owned by the lane thread, but for what says otherwise.
 */
final class BrokerLife {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerLife.class);

    private static final long NOT_REGISTERED = -1;
    /** A broker that is fenced says so many times as often that it lives. */
    private static final int FENCED_HEARTBEATS = 10;

    private final Register registration;
    private final LostTails lostTails;
    private final ControllerClient controller;
    private final ClusterCore core;
    private final Replicas replicas;
    private final long heartbeatNs;
    private long brokerEpoch = NOT_REGISTERED;
    /** Since when the cluster knows this broker, the last time. Any thread. */
    private volatile long registeredEpoch = NOT_REGISTERED;

    private boolean isAsking;
    /** Since the last time that it was registered. */
    private boolean isRefused;

    private boolean hasProducerId;
    private long heartbeatDueNs;
    /** Any thread. */
    private volatile boolean wantsToStop;

    private volatile boolean mayStop;
    private volatile boolean isReady;

    BrokerLife(
            Register registration,
            LostTails lostTails,
            ControllerClient controller,
            ClusterCore core,
            Replicas replicas,
            long heartbeatNs,
            long nowNs) {
        this.registration = registration;
        this.lostTails = lostTails;
        this.controller = controller;
        this.core = core;
        this.replicas = replicas;
        this.heartbeatNs = heartbeatNs;
        this.heartbeatDueNs = nowNs;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    /** This broker, as the cluster knows it, or knew it last. Any thread. */
    Incarnation self() {
        return new Incarnation(registration.brokerId(), registeredEpoch);
    }

    /** Whether the cluster counts on this broker. Any thread. */
    boolean isReady() {
        return isReady;
    }

    /** From now on this broker would like to go. Any thread. */
    void wantToStop() {
        wantsToStop = true;
    }

    /** Whether nobody minds any more. Any thread. */
    boolean mayStop() {
        return mayStop;
    }

    int doWork(long nowNs) {
        if (isAsking) {
            return 0;
        }
        if (brokerEpoch == NOT_REGISTERED) {
            if (nowNs - heartbeatDueNs < 0) {
                return 0;
            }
            isAsking = true;
            heartbeatDueNs = nowNs + heartbeatNs;
            controller.ask(registration, answer -> onRegistered(answer, nowNs), nowNs);
            return 1;
        }
        if (!hasProducerId) {
            isAsking = true;
            controller.ask(new GiveProducerIds(registration.brokerId(), brokerEpoch), this::onProducerIds, nowNs);
            return 1;
        }
        if (nowNs - heartbeatDueNs >= 0 || (wantsToStop && !mayStop)) {
            isAsking = true;
            heartbeatDueNs = nowNs + heartbeatNs;
            controller.ask(
                    new Heartbeat(registration.brokerId(), brokerEpoch, core.metadataEpoch(), wantsToStop),
                    this::onHeard,
                    nowNs);
            return 1;
        }
        return 0;
    }

    private void onRegistered(ClusterAnswer answer, long nowNs) {
        isAsking = false;
        if (answer instanceof Registered registered) {
            brokerEpoch = registered.brokerEpoch();
            registeredEpoch = brokerEpoch;
            isRefused = false;
            lostTails.onTold();
            replicas.onRegistered(brokerEpoch);
            heartbeatDueNs = nowNs;
        } else if (answer instanceof Refused refused) {
            // The former incarnation's session is not over yet, or another broker has this id.
            if (!isRefused) {
                LOG.warn(
                        "broker is not registered yet, and tries again: brokerId={}, reason={}",
                        registration.brokerId(),
                        refused.message());
            }
            isRefused = true;
        }
    }

    private void onProducerIds(ClusterAnswer answer) {
        isAsking = false;
        if (answer instanceof ProducerIds ids) {
            hasProducerId = true;
            replicas.onProducerId(ids.firstId());
        } else {
            onRefused(answer);
        }
    }

    private void onHeard(ClusterAnswer answer) {
        isAsking = false;
        if (answer instanceof Heard heard) {
            isReady = !heard.isFenced();
            if (!isReady) {
                // It has not heard of everything yet, which may take a moment only.
                heartbeatDueNs -= heartbeatNs - heartbeatNs / FENCED_HEARTBEATS;
            }
            mayStop = heard.mayStop();
        } else {
            onRefused(answer);
        }
    }

    private void onRefused(ClusterAnswer answer) {
        if (answer instanceof Refused refused
                && (refused.refusal() == Refusal.STALE_BROKER_EPOCH
                        || refused.refusal() == Refusal.BROKER_ID_NOT_REGISTERED)) {
            LOG.warn(
                    "broker has to register again: brokerId={}, reason={}", registration.brokerId(), refused.message());
            brokerEpoch = NOT_REGISTERED;
            isReady = false;
        }
    }

    long idleNsMax(long nowNs) {
        return isAsking ? Long.MAX_VALUE : Math.max(0, heartbeatDueNs - nowNs);
    }
}
