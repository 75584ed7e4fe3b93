package io.tidemill.replication.raft;

import static io.tidemill.replication.raft.RaftInvariants.require;

import io.tidemill.replication.raft.MembershipChange.AddLearner;
import io.tidemill.replication.raft.MembershipChange.Promote;
import io.tidemill.replication.raft.MembershipChange.Remove;
import io.tidemill.replication.raft.Proposed.Accepted;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftMessage.VoteGrant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cluster under everything that happens to clusters, in virtual time, by a seed: messages get lost, come late, twice, and in
 * another order, also for one direction only; servers crash, with whatever their disks had not got to, and come back with
 * clocks that show something else; disks are slow; leaders are to hand over; members come and go; snapshots are taken at any time. Clients
 * propose and read meanwhile. After each event {@link RaftInvariants} are checked; in the end faults cease, and the
 * cluster must elect a leader, commit everything, and take one proposal more.
 */
final class RaftSimulation {
    private static final long CHAOS_NS = 3_000_000;
    private static final int JOINERS = 2;
    /** Twenty elections: more than it takes to come to rest. */
    private static final long REST_NS = 20 * SimulatedServer.SETTINGS.electionTimeoutNs();
    /** More is a storm of messages; no run of 10,000 seeds took half of it. */
    private static final int STEPS_MAX = 100_000;

    private record Event(long timeNs, long ordinal, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return timeNs != other.timeNs ? Long.compare(timeNs, other.timeNs) : Long.compare(ordinal, other.ordinal);
        }
    }

    /** What a run came to, so that it is known that it saw something; the trace tells runs apart. */
    record Outcome(long trace, int terms, long committed, int reads, int restores, int changes) {}

    private final SplittableRandom random;
    private final RaftInvariants invariants = new RaftInvariants();
    private final List<SimulatedServer> servers;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final SimulatedNetwork network;
    private final long[] tickNs;
    private final long[] diskNs;
    /** Within it, something goes wrong. */
    private final int harmlessNs;

    private boolean isCalm;
    private long nowNs;
    private long ordinal;
    private long trace;
    private int steps;
    private long lastValue;
    private int changes;

    RaftSimulation(long seed) {
        this(seed, false);
    }

    /** @param isStored whether on each disk there is a store as brokers have it */
    RaftSimulation(long seed, boolean isStored) {
        this.random = new SplittableRandom(seed);
        int voters = 3 + 2 * random.nextInt(3);
        int all = voters + JOINERS;
        Membership first =
                new Membership(IntStream.rangeClosed(1, voters).boxed().collect(Collectors.toSet()), Set.of());
        this.servers = IntStream.rangeClosed(1, all)
                .mapToObj(id -> {
                    SimulatedDisk disk = new SimulatedDisk(id <= voters ? first : Membership.UNKNOWN, isStored);
                    return new SimulatedServer(id, disk, this, random.split());
                })
                .toList();
        this.network = new SimulatedNetwork(all, random.split());
        this.harmlessNs = 40_000 + random.nextInt(200_000);
        this.tickNs = new long[all + 1];
        this.diskNs = new long[all + 1];
        Arrays.fill(tickNs, Long.MAX_VALUE);
        Arrays.fill(diskNs, 2_000);
        servers.forEach(SimulatedServer::start);
    }

    Outcome run() {
        try {
            harm();
            administer();
            propose();
            read();
            proceed(CHAOS_NS);
            comeToRest();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(e.getMessage() + "; nowNs=" + nowNs + ", servers=" + servers, e);
        }
        return new Outcome(
                trace,
                invariants.terms(),
                invariants.committedIndex(),
                servers.stream().mapToInt(SimulatedServer::readsDone).sum(),
                servers.stream().mapToInt(SimulatedServer::restores).sum(),
                changes);
    }

    private void proceed(long forNs) {
        long untilNs = nowNs + forNs;
        while (nowNs < untilNs) {
            step();
        }
    }

    private void step() {
        steps++;
        require(steps < STEPS_MAX, () -> "a storm of messages");
        SimulatedServer due = servers.get(0);
        for (SimulatedServer server : servers) {
            if (tickNs[server.id()] < tickNs[due.id()]) {
                due = server;
            }
        }
        Event event = events.peek();
        if (event == null || event.timeNs() > tickNs[due.id()]) {
            nowNs = tickNs[due.id()];
            tickNs[due.id()] = Long.MAX_VALUE;
            note(due.id());
            due.tick();
        } else {
            events.remove();
            nowNs = event.timeNs();
            event.action().run();
        }
    }

    private void note(long what) {
        trace = 31 * (31 * trace + nowNs) + what;
    }

    private void after(long delayNs, Runnable action) {
        events.add(new Event(nowNs + delayNs, ordinal++, action));
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    private SimulatedServer any() {
        return servers.get(random.nextInt(servers.size()));
    }

    /** Most often one that believes to be the leader. */
    private SimulatedServer anyLeader() {
        List<SimulatedServer> leaders =
                servers.stream().filter(SimulatedServer::isLeader).toList();
        return leaders.isEmpty() || oneIn(20) ? any() : leaders.get(random.nextInt(leaders.size()));
    }

    /** Something goes wrong now and then, in some runs more often than a cluster can bear. */
    private void harm() {
        if (isCalm) {
            return;
        }
        after(1 + random.nextInt(harmlessNs), this::harm);
        int choice = random.nextInt(60);
        note(choice);
        if (choice < 18) {
            crash(oneIn(3) ? anyLeader() : any());
        } else if (choice < 21) {
            servers.forEach(this::crash);
        } else if (choice < 29) {
            network.part();
        } else if (choice < 33) {
            network.cut(any().id(), any().id());
        } else if (choice < 40) {
            cutOff(anyLeader());
        } else if (choice < 53) {
            network.heal();
        } else {
            diskNs[any().id()] = oneIn(2) ? 2_000 : 60_000;
        }
    }

    /** Something is done to the cluster now and then. */
    private void administer() {
        if (isCalm) {
            return;
        }
        after(1 + random.nextInt(80_000), this::administer);
        int choice = random.nextInt(40);
        note(choice);
        if (choice < 7) {
            transfer(anyLeader());
        } else if (choice < 22) {
            SimulatedServer leader = anyLeader();
            for (int left = 1 + random.nextInt(3); left > 0; left--) {
                change(leader);
            }
        } else {
            (oneIn(3) ? anyLeader() : any()).takeSnapshot();
        }
    }

    /** It may not hear any more that another one leads. */
    private void transfer(SimulatedServer leader) {
        int toId = any().id();
        leader.run((core, at, out) -> core.transfer(toId, at, out));
        if (oneIn(2)) {
            after(1 + random.nextInt(5_000), () -> cutOff(leader));
        }
    }

    /** Those clients that it still hears make its log another one than that of its successor. */
    private void cutOff(SimulatedServer server) {
        if (!isCalm) {
            network.cutOff(server.id());
            propose(server, 1 + random.nextInt(8));
        }
    }

    private void crash(SimulatedServer server) {
        if (server.isRunning() && !isCalm) {
            server.crash();
            tickNs[server.id()] = Long.MAX_VALUE;
            after(1 + random.nextInt(oneIn(3) ? 400_000 : 20_000), () -> {
                if (!server.isRunning()) {
                    server.start();
                }
            });
        }
    }

    /** The moment at which it may not know of the last change yet, and the former leader not of it. */
    void onElected(SimulatedServer leader) {
        if (isCalm) {
            return;
        }
        if (oneIn(4)) {
            after(1 + random.nextInt(10_000), () -> change(leader));
        }
        after(
                1 + random.nextInt(30_000),
                () -> servers.stream()
                        .filter(server -> server.isLeader() && server != leader)
                        .forEach(server -> server.read(ordinal++)));
    }

    private void change(SimulatedServer leader) {
        Membership membership = leader.membership();
        SimulatedServer other = membership.learners().isEmpty() || oneIn(2)
                ? any()
                : servers.get(membership.learners().iterator().next() - 1);
        MembershipChange change = membership.learners().contains(other.id()) && !oneIn(4)
                ? new Promote(other.id())
                : membership.contains(other.id()) ? new Remove(other.id()) : new AddLearner(other.id());
        if (!(change instanceof Remove) || membership.voters().size() > 3 || oneIn(4)) {
            leader.run((core, at, out) -> {
                if (core.propose(change, at, out) instanceof Accepted) {
                    changes++;
                }
            });
        }
    }

    private void propose() {
        if (!isCalm) {
            after(1 + random.nextInt(20_000), this::propose);
            propose(anyLeader(), oneIn(10) ? 15 : 1 + random.nextInt(3));
        }
    }

    private void propose(SimulatedServer server, int count) {
        List<byte[]> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(ByteBuffer.allocate(Long.BYTES + random.nextInt(60))
                    .putLong(lastValue++)
                    .array());
        }
        long committedIndex = invariants.committedIndex();
        server.run((core, at, out) -> {
            if (core.propose(values, at, out) instanceof Accepted accepted) {
                for (int i = 0; i < count; i++) {
                    Proposal proposal = new Proposal(values.get(i));
                    invariants.onAccepted(
                            new RaftEntry(accepted.firstIndex() + i, accepted.term(), proposal), committedIndex);
                }
            }
        });
    }

    private void read() {
        if (!isCalm) {
            after(1 + random.nextInt(30_000), this::read);
            anyLeader().read(ordinal++);
        }
    }

    void send(int fromId, int toId, RaftMessage message) {
        network.carry(message, (delayNs, bytes) -> {
            note(Arrays.hashCode(bytes));
            after(delayNs, () -> {
                if (network.passes(fromId, toId)) {
                    note(toId);
                    servers.get(toId - 1).deliver(fromId, RaftMessageLayout.message(bytes));
                }
            });
        });
        if (message instanceof VoteGrant && oneIn(10)) {
            // The moment at which it must not forget.
            after(1 + random.nextInt(5_000), () -> crash(servers.get(fromId - 1)));
        }
    }

    void tickLater(SimulatedServer server, long idleNs) {
        tickNs[server.id()] = nowNs + server.simulatedNs(idleNs);
    }

    void completeLater(SimulatedServer server, int incarnation, long write) {
        long delayNs = isCalm ? 500 : 1 + random.nextLong(diskNs[server.id()]);
        after(delayNs, () -> server.complete(incarnation, write));
    }

    /** Often several inputs are carried out at once. */
    boolean carriesOut() {
        return isCalm || !oneIn(5);
    }

    RaftInvariants invariants() {
        return invariants;
    }

    List<SimulatedServer> servers() {
        return servers;
    }

    long nowNs() {
        return nowNs;
    }

    private void comeToRest() {
        isCalm = true;
        network.calm();
        servers.stream().filter(server -> !server.isRunning()).forEach(SimulatedServer::start);
        // By then, what is on its way has come, and transfers to those who could not hear of it are given up.
        proceed(2 * SimulatedServer.SETTINGS.electionTimeoutNs());
        awaitRest("at rest");
        SimulatedServer leader = leader();
        long before = leader.publishedIndex();
        propose(leader, 1);
        awaitRest("at rest with one more");
        require(leader.isLeader() && leader.publishedIndex() == before + 1, () -> "not published: " + leader);
        long term = leader.term();
        proceed(5 * SimulatedServer.SETTINGS.electionTimeoutNs());
        require(leader.isLeader() && leader.term() == term, () -> "no peace: " + leader);
        for (SimulatedServer server : members()) {
            server.mirror()
                    .values()
                    .forEach(entry -> require(
                            leader.mirrors(entry), () -> "another log than the leader's: " + entry + ", " + server));
        }
    }

    private void awaitRest(String what) {
        long deadlineNs = nowNs + REST_NS;
        while (!isAtRest()) {
            require(nowNs < deadlineNs, () -> "not " + what);
            step();
        }
    }

    /** One leads, its members know it, and all that is in the logs is published by all of them. */
    private boolean isAtRest() {
        if (servers.stream().noneMatch(SimulatedServer::isLeader)) {
            return false;
        }
        SimulatedServer leader = leader();
        return members().stream()
                .allMatch(server -> server.isAtRest()
                        && server.leaderId() == leader.id()
                        && server.publishedIndex() == leader.publishedIndex());
    }

    /** The one of the newest term. */
    private SimulatedServer leader() {
        return servers.stream()
                .filter(SimulatedServer::isLeader)
                .max((one, other) -> Long.compare(one.term(), other.term()))
                .orElseThrow();
    }

    private List<SimulatedServer> members() {
        Membership membership = leader().membership();
        return servers.stream()
                .filter(server -> membership.contains(server.id()))
                .toList();
    }
}
