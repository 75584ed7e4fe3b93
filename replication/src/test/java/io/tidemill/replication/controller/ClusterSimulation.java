package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterAnswer.Heard;
import io.tidemill.replication.controller.ClusterAnswer.ProducerIds;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterAnswer.Registered;
import io.tidemill.replication.controller.ClusterRequest.AlterPartitions;
import io.tidemill.replication.controller.ClusterRequest.GiveProducerIds;
import io.tidemill.replication.controller.ClusterRequest.Heartbeat;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import io.tidemill.replication.controller.ClusterRequest.Reassign;
import io.tidemill.replication.controller.ClusterRequest.Register;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A controller, and brokers that replay what it decides at their own pace, come and go, lose what they had not flushed, or cannot reach
 * it for a while; controllers that lose their role, and with it the last decision. In the end everybody lives, and all has to be well.
 */
final class ClusterSimulation {
    private static final int STEPS = 300;
    private static final int BROKERS_MAX = 5;
    /** Until everybody is in sync everywhere, when nobody disturbs. */
    private static final int HEALING_ROUNDS_MAX = 60;

    /** What was seen, so that a run which shows nothing is noticed. */
    record Outcome(
            long decisions,
            long refusals,
            long commits,
            int lossyElections,
            int eligibleElections,
            int moves,
            int stops) {}

    private final Random random;
    private final List<byte[]> log = new ArrayList<>();
    /** With the number of entries that each takes the place of. */
    private final List<Map.Entry<Integer, byte[]>> snapshots = new ArrayList<>();

    private final List<SimulatedBroker> brokers = new ArrayList<>();
    private final List<ClusterRequest> underWay = new ArrayList<>();
    private final ClusterInvariants invariants = new ClusterInvariants(brokers);
    private final SessionInvariants sessions = new SessionInvariants();
    private final AdminRequests admin;
    private ClusterCore controller;
    private long nowNs;
    private long producerIdsEnd;
    private int refusals;
    private int moves;
    private int stops;

    /** Whether another controller knows when brokers were heard of before it became it. */
    private final boolean hasListened;

    ClusterSimulation(long seed) {
        this.random = new Random(seed);
        this.hasListened = seed % 4 == 3;
        this.admin = new AdminRequests(random);
        this.nowNs = random.nextLong();
        snapshots.add(Map.entry(0, ClusterEventLayout.bytes(ClusterSnapshot.empty())));
        this.controller = newCore(0);
        controller.onElected(nowNs, brokerId -> nowNs);
        sessions.onElected(nowNs);
    }

    private ClusterCore newCore(int snapshot) {
        ClusterSnapshot state =
                ClusterEventLayout.snapshot(snapshots.get(snapshot).getValue());
        return new ClusterCore(Map.of(), state, new Random(random.nextLong()));
    }

    Outcome run() {
        int count = 2 + random.nextInt(BROKERS_MAX - 1);
        for (int id = 0; id < count; id++) {
            brokers.add(new SimulatedBroker(id, newId(), newCore(0)));
        }
        for (int step = 0; step < STEPS; step++) {
            act();
        }
        heal();
        return new Outcome(
                log.size(),
                refusals,
                invariants.commits,
                invariants.lossyElections,
                invariants.eligibleElections,
                moves,
                stops);
    }

    private UUID newId() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private void act() {
        nowNs += random.nextLong(SessionInvariants.SESSION_NS / 12);
        byTime();
        for (SimulatedBroker broker : brokers) {
            live(broker);
        }
        replicate(40);
        deliver();
        switch (random.nextInt(12)) {
            case 0, 1 -> disturb(any());
            case 2 -> any().isIsolated = random.nextBoolean();
            case 3 -> {
                if (random.nextInt(3) == 0) {
                    changeController();
                }
            }
            case 4 -> any().wantsToStop = random.nextInt(3) == 0;
            case 5 -> intrude(any());
            case 6 -> giveProducerIds(any());
            default -> {
                ClusterRequest request = admin.next(controller, brokers.size());
                boolean isDone = ask(request) instanceof Done;
                moves += isDone && request instanceof Reassign ? 1 : 0;
            }
        }
    }

    private SimulatedBroker any() {
        return brokers.get(random.nextInt(brokers.size()));
    }

    private void byTime() {
        List<ClusterEvent> events = controller.decideByTime(nowNs).events();
        sessions.onTime(events, controller, nowNs);
        agree(events, false);
    }

    /** Null if the controller was lost with what it had decided. */
    private @Nullable ClusterAnswer ask(ClusterRequest request) {
        ClusterRequest received = ControllerMessageLayout.request(ControllerMessageLayout.bytes(request));
        assertEquals(request, received);
        Decision decision = controller.decide(received, nowNs);
        if (!decision.events().isEmpty() && random.nextInt(200) == 0) {
            changeController();
            return null;
        }
        agree(decision.events(), request instanceof AlterPartitions);
        refusals += decision.answer() instanceof Refused ? 1 : 0;
        assertEquals(
                decision.answer(), ControllerMessageLayout.answer(ControllerMessageLayout.bytes(decision.answer())));
        return decision.answer();
    }

    private void agree(List<ClusterEvent> events, boolean isVouched) {
        if (events.isEmpty()) {
            return;
        }
        ClusterSnapshot before = controller.snapshot();
        byte[] entry = ClusterEventLayout.bytes(events);
        log.add(entry);
        controller.replay(ClusterEventLayout.decision(entry));
        invariants.onAgreed(before, events, isVouched, controller);
        if (random.nextInt(20) == 0) {
            snapshots.add(Map.entry(log.size(), ClusterEventLayout.bytes(controller.snapshot())));
        }
    }

    /** Another one, who knows what was agreed on, and nothing else. */
    private void changeController() {
        int snapshot = random.nextInt(snapshots.size());
        ClusterCore next = newCore(snapshot);
        for (int i = snapshots.get(snapshot).getKey(); i < log.size(); i++) {
            next.replay(ClusterEventLayout.decision(log.get(i)));
        }
        assertArrayEquals(ClusterEventLayout.bytes(controller.snapshot()), ClusterEventLayout.bytes(next.snapshot()));
        controller = next;
        if (!hasListened) {
            sessions.onElected(nowNs);
        }
        controller.onElected(nowNs, sessions::heardNs);
    }

    /** It replays some, and says that it lives. */
    private void live(SimulatedBroker broker) {
        if (!broker.isRunning) {
            return;
        }
        Map.Entry<Integer, byte[]> newest = snapshots.get(snapshots.size() - 1);
        if (newest.getKey() > broker.replayed() && random.nextInt(30) == 0) {
            broker.restore(ClusterEventLayout.snapshot(newest.getValue()), newest.getKey());
        }
        for (int i = random.nextInt(6); i > 0 && broker.replayed() < log.size(); i--) {
            replayNext(broker);
        }
        if (random.nextInt(4) == 0) {
            broker.flush();
        }
        if (broker.isIsolated || random.nextInt(3) == 0) {
            return;
        }
        if (broker.epoch == SimulatedBroker.NOT_REGISTERED) {
            register(broker);
        } else {
            heartbeat(broker);
        }
    }

    private void replayNext(SimulatedBroker broker) {
        broker.replay(log.get(broker.replayed())).forEach(told -> invariants.onDeleted(broker.id, told));
    }

    private void register(SimulatedBroker broker) {
        String rack = broker.id % 2 == 0 ? "even" : BrokerIncarnation.NO_RACK;
        ClusterAnswer answer = ask(new Register(
                broker.id,
                new BrokerIncarnation(broker.incarnation, "sim:" + broker.id, rack, nowNs),
                broker.isTailLost));
        if (answer instanceof Registered registered) {
            broker.epoch = registered.brokerEpoch();
            sessions.onHeard(broker.id, nowNs);
        }
    }

    private void heartbeat(SimulatedBroker broker) {
        BrokerRegistration known = controller.broker(broker.id);
        ClusterAnswer answer =
                ask(new Heartbeat(broker.id, broker.epoch, broker.view().metadataEpoch(), broker.wantsToStop));
        if (answer instanceof Refused) {
            // Somebody else took its id, or it was removed.
            broker.kill();
        } else if (answer instanceof Heard heard) {
            sessions.onHeard(broker.id, nowNs);
            if (heard.mayStop()) {
                stops++;
                invariants.onStopped(broker, known != null && known.isFenced(), controller);
                broker.flush();
                broker.kill();
            }
        }
    }

    /** Leaders take records, tell followers, commit, and ask for others to be in sync; as many steps. */
    private void replicate(int steps) {
        List<PartitionId> partitions = partitions();
        for (int i = 0; i < steps && !partitions.isEmpty(); i++) {
            PartitionId partition = partitions.get(random.nextInt(partitions.size()));
            SimulatedBroker leader = any();
            if (!leader.leads(partition)) {
                continue;
            }
            switch (random.nextInt(4)) {
                case 0 -> leader.append(partition, 1 + random.nextInt(3), random);
                case 1 -> {
                    IsrChange change = leader.wantedIsr(partition, random);
                    if (change != null) {
                        // Some are sent twice.
                        List<IsrChange> changes = Collections.nCopies(1 + random.nextInt(2), change);
                        underWay.add(new AlterPartitions(leader.id, leader.epoch, changes));
                    }
                }
                default -> {
                    SimulatedBroker follower = any();
                    if (follower != leader && follower.isRunning) {
                        leader.tell(follower, partition, random.nextInt(6));
                    }
                }
            }
            List<Long> committed = leader.commit(partition);
            if (committed != null) {
                invariants.onCommitted(partition, leader.leaderEpoch(partition), committed, controller);
            }
        }
    }

    private List<PartitionId> partitions() {
        List<PartitionId> partitions = new ArrayList<>();
        for (TopicRecord topic : controller.topics()) {
            for (int i = 0; i < topic.settings().partitions(); i++) {
                partitions.add(new PartitionId(topic.id(), i));
            }
        }
        return partitions;
    }

    /** Some requests of leaders arrive, in any order; some never do. */
    private void deliver() {
        Collections.shuffle(underWay, random);
        for (int i = random.nextInt(4); i > 0 && !underWay.isEmpty(); i--) {
            ClusterRequest request = underWay.remove(underWay.size() - 1);
            if (random.nextInt(10) > 0) {
                ask(request);
            }
        }
    }

    private void disturb(SimulatedBroker broker) {
        if (!broker.isRunning) {
            restart(broker);
        } else if (random.nextBoolean()) {
            broker.kill();
        } else if (random.nextInt(3) == 0) {
            broker.crash();
        }
    }

    private void restart(SimulatedBroker broker) {
        int snapshot = random.nextInt(snapshots.size());
        broker.restart(newId(), newCore(snapshot), snapshots.get(snapshot).getKey());
    }

    /** Somebody with the same id: nobody may take the place of one who lives. */
    private void intrude(SimulatedBroker broker) {
        if (!broker.isRunning || broker.isIsolated || broker.epoch == SimulatedBroker.NOT_REGISTERED) {
            return;
        }
        heartbeat(broker);
        BrokerRegistration known = controller.broker(broker.id);
        if (broker.isRunning && known != null && !known.isFenced()) {
            ClusterAnswer answer = ask(new Register(
                    broker.id, new BrokerIncarnation(newId(), "elsewhere", BrokerIncarnation.NO_RACK, nowNs), true));
            assertTrue(
                    answer instanceof Refused refused && refused.refusal() == Refusal.DUPLICATE_BROKER_REGISTRATION,
                    () -> "a broker's place was taken: " + answer);
        }
    }

    private void giveProducerIds(SimulatedBroker broker) {
        if (ask(new GiveProducerIds(broker.id, broker.epoch)) instanceof ProducerIds ids) {
            assertTrue(ids.firstId() >= producerIdsEnd, "producer ids given twice");
            producerIdsEnd = ids.firstId() + ids.count();
        }
    }

    /** Everybody lives, knows everything, and is told everything, for as long as it takes. */
    private void heal() {
        for (SimulatedBroker broker : brokers) {
            broker.isIsolated = false;
            broker.wantsToStop = false;
            if (!broker.isRunning) {
                restart(broker);
            }
        }
        int rounds = 0;
        while (!isWell()) {
            assertTrue(rounds++ < HEALING_ROUNDS_MAX, () -> "does not become well: " + controller.snapshot());
            nowNs += SessionInvariants.SESSION_NS / 10;
            byTime();
            brokers.forEach(this::healed);
            controller.topics().forEach(this::release);
            partitions().forEach(this::catchUp);
            underWay.forEach(this::ask);
            underWay.clear();
        }
        for (SimulatedBroker broker : brokers) {
            assertEquals(controller.snapshot(), broker.view().snapshot());
        }
    }

    private boolean isWell() {
        boolean isKnown = brokers.stream().allMatch(broker -> broker.replayed() == log.size());
        return isKnown
                && partitions().stream().allMatch(id -> {
                    PartitionState state = controller.partition(id);
                    return state != null
                            && !state.assignment().isMoving()
                            && state.isr().containsAll(state.replicas());
                });
    }

    private void healed(SimulatedBroker broker) {
        if (!broker.isRunning) {
            restart(broker);
        }
        if (broker.epoch == SimulatedBroker.NOT_REGISTERED) {
            register(broker);
        }
        while (broker.replayed() < log.size()) {
            replayNext(broker);
        }
        if (broker.epoch != SimulatedBroker.NOT_REGISTERED) {
            heartbeat(broker);
        }
    }

    /** Where those who last had all were let go by an unclean move, it takes another unclean election. */
    private void release(TopicRecord topic) {
        for (int i = 0; i < topic.settings().partitions(); i++) {
            PartitionState state = controller.partition(new PartitionId(topic.id(), i));
            if (state != null && !state.hasLeader() && !state.replicas().contains(state.lastLeader())) {
                ask(AdminRequests.unclean(topic, true));
            }
        }
    }

    private void catchUp(PartitionId partition) {
        for (SimulatedBroker leader : brokers) {
            if (leader.leads(partition)) {
                brokers.stream()
                        .filter(follower -> follower != leader)
                        .forEach(follower -> leader.tell(follower, partition, Integer.MAX_VALUE / 2));
                IsrChange change = leader.wantedIsr(partition, random);
                if (change != null) {
                    underWay.add(new AlterPartitions(leader.id, leader.epoch, List.of(change)));
                }
            }
        }
    }
}
