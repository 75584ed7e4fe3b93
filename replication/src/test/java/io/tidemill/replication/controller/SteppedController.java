package io.tidemill.replication.controller;

import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.controller.ClusterAnswer.Heard;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterAnswer.Registered;
import io.tidemill.replication.controller.ClusterRequest.AlterPartitions;
import io.tidemill.replication.controller.ClusterRequest.CreateTopic;
import io.tidemill.replication.controller.ClusterRequest.Heartbeat;
import io.tidemill.replication.controller.ClusterRequest.InSync;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import io.tidemill.replication.controller.ClusterRequest.Register;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;

/** A controller whose decisions are agreed on at once, and whose brokers know all of them at once. Its clock is about to wrap. */
final class SteppedController {
    static final long SESSION_NS = 9_000_000_000L;

    final ClusterCore core = new ClusterCore(Map.of(), ClusterSnapshot.empty(), new Random(1));
    /** Of the last decision. */
    List<ClusterEvent> events = List.of();

    private long nowNs = Long.MAX_VALUE - SESSION_NS;

    SteppedController() {
        elect(0);
    }

    /** With brokers that live. */
    SteppedController(int... brokerIds) {
        this();
        for (int brokerId : brokerIds) {
            open(brokerId);
        }
    }

    long nowNs() {
        return nowNs;
    }

    ClusterAnswer ask(ClusterRequest request) {
        Decision decision = core.decide(request, nowNs);
        agree(decision.events());
        return decision.answer();
    }

    Refusal refusal(ClusterRequest request) {
        Refused refused = (Refused) ask(request);
        if (!events.isEmpty()) {
            throw new AssertionError("refused, and yet: " + events);
        }
        return refused.refusal();
    }

    /** It decides anew, and has not heard of anybody for so long. */
    void elect(long silentNs) {
        core.onElected(nowNs, brokerId -> nowNs - silentNs);
    }

    private void agree(List<ClusterEvent> decided) {
        events = decided;
        if (!decided.isEmpty()) {
            core.replay(decided);
        }
    }

    /** And the controller looks what that comes to. */
    void pass(long ns) {
        nowNs += ns;
        agree(core.decideByTime(nowNs).events());
    }

    /** Others live on. */
    void silence(int... brokerIds) {
        for (int half = 0; half < 2; half++) {
            for (BrokerRegistration broker : List.copyOf(core.brokers())) {
                boolean isSilent = List.of(boxed(brokerIds)).contains(broker.id());
                if (!isSilent && !broker.isFenced()) {
                    heartbeat(broker.id());
                }
            }
            pass(SESSION_NS / 2);
        }
    }

    private static Integer[] boxed(int[] ids) {
        Integer[] boxed = new Integer[ids.length];
        for (int i = 0; i < ids.length; i++) {
            boxed[i] = ids[i];
        }
        return boxed;
    }

    static Register registration(int brokerId, long incarnation, boolean isTailLost) {
        return new Register(
                brokerId,
                new BrokerIncarnation(
                        new UUID(0, incarnation), "host:" + brokerId, BrokerIncarnation.NO_RACK, incarnation),
                isTailLost);
    }

    long register(int brokerId, long incarnation) {
        return ((Registered) ask(registration(brokerId, incarnation, false))).brokerEpoch();
    }

    void open(int brokerId) {
        register(brokerId, 1);
        heartbeat(brokerId);
    }

    Heard heartbeat(int brokerId) {
        return heartbeat(brokerId, core.metadataEpoch(), false);
    }

    Heard heartbeat(int brokerId, long metadataEpoch, boolean wantsToStop) {
        return (Heard) ask(new Heartbeat(brokerId, broker(brokerId).epoch(), metadataEpoch, wantsToStop));
    }

    BrokerRegistration broker(int brokerId) {
        return Objects.requireNonNull(core.broker(brokerId));
    }

    /** A topic t with one partition. */
    PartitionId create(int replicas, int minInsyncReplicas) {
        ask(new CreateTopic(
                UUID.randomUUID(),
                "t",
                1,
                Map.of(
                        "replication.factor",
                        String.valueOf(replicas),
                        "min.insync.replicas",
                        String.valueOf(minInsyncReplicas))));
        return new PartitionId(topic("t").id(), 0);
    }

    TopicRecord topic(String name) {
        return Objects.requireNonNull(core.topic(name));
    }

    PartitionState state(PartitionId id) {
        return Objects.requireNonNull(core.partition(id));
    }

    /** What the leader would say of what it knows now. */
    AlterPartitions isr(PartitionId id, int... isr) {
        PartitionState state = state(id);
        List<InSync> members = new ArrayList<>();
        for (int brokerId : isr) {
            BrokerRegistration known = core.broker(brokerId);
            members.add(new InSync(brokerId, known == null ? 0 : known.epoch()));
        }
        return new AlterPartitions(
                state.leader(),
                broker(state.leader()).epoch(),
                List.of(new IsrChange(id, state.leaderEpoch(), state.partitionEpoch(), members)));
    }
}
