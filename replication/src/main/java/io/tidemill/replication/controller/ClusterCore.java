package io.tidemill.replication.controller;

import io.tidemill.TopicSettings;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterAnswer.ProducerIds;
import io.tidemill.replication.controller.ClusterEvent.BrokerFenced;
import io.tidemill.replication.controller.ClusterEvent.BrokerRemoved;
import io.tidemill.replication.controller.ClusterEvent.ProducerIdsGiven;
import io.tidemill.replication.controller.ClusterRequest.AlterPartitions;
import io.tidemill.replication.controller.ClusterRequest.AlterSettings;
import io.tidemill.replication.controller.ClusterRequest.AlterTopic;
import io.tidemill.replication.controller.ClusterRequest.CancelReassignment;
import io.tidemill.replication.controller.ClusterRequest.CreateTopic;
import io.tidemill.replication.controller.ClusterRequest.DeleteTopic;
import io.tidemill.replication.controller.ClusterRequest.ElectPreferred;
import io.tidemill.replication.controller.ClusterRequest.GiveProducerIds;
import io.tidemill.replication.controller.ClusterRequest.Heartbeat;
import io.tidemill.replication.controller.ClusterRequest.Reassign;
import io.tidemill.replication.controller.ClusterRequest.Register;
import io.tidemill.replication.controller.ClusterRequest.RemoveBroker;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster knows about itself. Every broker has one, and replays what was agreed on; the leader of the metadata log, the acting
 * controller, decides with its own what is to be agreed on next. This is Kafka's KRaft controller, with its rules and names.
 *
 * <p>One decision at a time: the acting controller decides on what is agreed on, has the events agreed on as one entry, replays them,
 * gives the answer, and only then takes the next request. So a decision never rests on another one that may yet be lost, and an entry
 * is replayed on exactly the state that it was decided on. For that, a leader decides nothing before it has replayed everything up
 * to the first entry of its own term.
 *
 * <p>{@link #replay} is the only thing that changes what is known, and {@link #restore} takes the place of many of them. Who was
 * heard of when is not part of that: it is known to the acting controller only.
 *
 * <p>What every state obeys, and random walks look at:
 * <ul>
 *   <li>a partition has a leader exactly if a replica is in sync, and it is one of these; those in sync are active;
 *   <li>each replica in sync, and each eligible one, has every committed record, as long as it loses no tail ({@link
 *       PartitionChange} says how that is kept);
 *   <li>a leader epoch has one leader or none, and epochs rise only;
 *   <li>nothing is left to be done: no partition is without a leader, nor stays in a move, if it could be otherwise.
 * </ul>
 *
 * <p>Owned by the broker's thread. Times are nanoseconds of one clock, compared by subtraction.
 */
public final class ClusterCore {
    /** As in Kafka: seldom enough asked for, and few enough lost with a broker. */
    static final int PRODUCER_IDS = 1_000;

    private final ClusterState state;
    private final BrokerSessions sessions = new BrokerSessions();
    private final BrokerDecisions brokers;
    private final TopicDecisions topics;
    private final PartitionDecisions partitions;
    private final Reassignments reassignments;
    private long balancedNs;

    /**
     * @param settings what this broker brings along, and counts as long as it is the acting controller and nothing is set for the
     *     cluster
     * @param snapshot what was known
     */
    public ClusterCore(Map<ClusterSetting, String> settings, ClusterSnapshot snapshot, RandomGenerator random) {
        this.state = new ClusterState(SettingValues.ofBroker(settings));
        this.partitions = new PartitionDecisions(state);
        this.brokers = new BrokerDecisions(state, sessions, partitions);
        this.topics = new TopicDecisions(state, partitions, random);
        this.reassignments = new Reassignments(state, partitions);
        state.restore(snapshot);
    }

    /**
     * From now on this decides.
     *
     * @param heardNs when this broker has heard anything of another one; now if it has not listened yet
     */
    public void onElected(long nowNs, IntToLongFunction heardNs) {
        sessions.begin(state.brokers().all(), heardNs);
        balancedNs = nowNs;
    }

    /** A broker lives; so much can be known before its request is decided. */
    public void onHeard(int brokerId, long brokerEpoch, long nowNs) {
        BrokerRegistration broker = state.brokers().find(brokerId);
        if (broker != null && broker.epoch() == brokerEpoch) {
            sessions.onHeard(brokerId, nowNs);
        }
    }

    /** What is to happen, and to be answered then. Changes nothing that is known. */
    public Decision decide(ClusterRequest request, long nowNs) {
        try {
            return decideOrRefuse(request, nowNs);
        } catch (RefusedException e) {
            return Decision.refused(e.refusal(), String.valueOf(e.getMessage()));
        }
    }

    private Decision decideOrRefuse(ClusterRequest request, long nowNs) {
        if (request instanceof Heartbeat heartbeat) {
            return brokers.heartbeat(heartbeat, nowNs);
        } else if (request instanceof AlterPartitions alter) {
            return partitions.alter(alter);
        } else if (request instanceof GiveProducerIds give) {
            return giveProducerIds(give);
        } else if (request instanceof Register register) {
            return brokers.register(register, nowNs);
        } else if (request instanceof CreateTopic create) {
            return topics.create(create);
        } else if (request instanceof AlterTopic alter) {
            return topics.alter(alter);
        } else if (request instanceof DeleteTopic delete) {
            return topics.delete(delete);
        } else if (request instanceof Reassign reassign) {
            return reassignments.reassign(reassign);
        } else if (request instanceof CancelReassignment cancel) {
            return reassignments.cancel(cancel);
        } else if (request instanceof ElectPreferred elect) {
            return partitions.electPreferred(elect);
        } else if (request instanceof RemoveBroker remove) {
            return brokers.remove(remove);
        }
        return topics.alterSettings((AlterSettings) request);
    }

    private Decision giveProducerIds(GiveProducerIds request) {
        state.brokers().require(request.brokerId(), request.brokerEpoch());
        long first = state.nextProducerId();
        return new Decision(List.of(new ProducerIdsGiven(first + PRODUCER_IDS)), new ProducerIds(first, PRODUCER_IDS));
    }

    /** Time has passed: brokers that were silent for too long are fenced, and leaders balanced, if that is due. */
    public Decision decideByTime(long nowNs) {
        List<ClusterEvent> events = brokers.fenceSilent(nowNs);
        if (events.isEmpty() && balanceLeftNs(nowNs) <= 0) {
            events = state.settings().isLeaderRebalanced() ? partitions.balanceLeaders() : List.of();
            if (events.size() < PartitionDecisions.BALANCED_MAX) {
                balancedNs = nowNs;
            }
        }
        return new Decision(events, new Done());
    }

    private long balanceLeftNs(long nowNs) {
        return state.settings().balanceIntervalNs() - (nowNs - balancedNs);
    }

    /** When {@link #decideByTime} may have something to do, if nobody is heard of: so long from now. */
    public long quietNs(long nowNs) {
        return Math.max(
                0,
                Math.min(balanceLeftNs(nowNs), sessions.quietNs(state.settings().sessionTimeoutNs(), nowNs)));
    }

    /** Makes it so: an entry of the metadata log. */
    public void replay(List<ClusterEvent> decision) {
        state.replay(decision);
        for (ClusterEvent event : decision) {
            if (event instanceof BrokerFenced fenced) {
                sessions.forget(fenced.brokerId());
            } else if (event instanceof BrokerRemoved removed) {
                sessions.forget(removed.brokerId());
            }
        }
    }

    /** Makes it so, whatever was known: in place of entries that are not there any more. */
    public void restore(ClusterSnapshot snapshot) {
        state.restore(snapshot);
    }

    public ClusterSnapshot snapshot() {
        return state.snapshot();
    }

    /** How many decisions were replayed. */
    public long metadataEpoch() {
        return state.metadataEpoch();
    }

    /** In the order of their ids. */
    public Collection<BrokerRegistration> brokers() {
        return state.brokers().all();
    }

    /** Null when there is none. */
    public @Nullable BrokerRegistration broker(int brokerId) {
        return state.brokers().find(brokerId);
    }

    /** In the order of their creation. */
    public List<TopicRecord> topics() {
        return state.topics().core().all();
    }

    /** Null when there is none of that name. */
    public @Nullable TopicRecord topic(String name) {
        return state.topics().core().find(name);
    }

    /** Null when there is none. */
    public @Nullable PartitionState partition(PartitionId id) {
        return state.topics().find(id);
    }

    /** What holds for a topic, wherever it is set. */
    public TopicSettings settings(TopicRecord topic) {
        return state.effective(topic);
    }

    /** What is set for the whole cluster, by names. */
    public Map<String, String> settings() {
        return state.settings().ofCluster();
    }
}
