package io.tidemill.testkit;

import io.tidemill.Acks;
import io.tidemill.BrokerSettings;
import io.tidemill.TopicSettings;
import io.tidemill.replication.ClusterSettings;
import io.tidemill.runtime.StepParker;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.Parker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * A cluster of whole brokers on one thread and in virtual time, over a bad network, on machines that crash, halt, and have wrong clocks,
 * while clients send and read. What they see is checked by {@link ClusterHistory} after each step. In the end all faults cease, and
 * the cluster must work again within a bound and have the same everywhere.
 */
final class ClusterSimulation {
    static final String TOPIC = "records";
    static final int PARTITIONS = 3;

    private static final int STEPS = 3_500;
    private static final Duration SETTLE_MAX = Duration.ofSeconds(60);
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final Duration ANSWERED = Duration.ofMillis(20);

    private final long seed;
    private final RandomGenerator random;
    private final ManualClock clock = new ManualClock();
    private final SimNetwork network;
    private final List<SimulatedBroker> brokers = new ArrayList<>();
    private final ClusterHistory history;
    /** While a call of one broker waits, the others go on. */
    private final Parker parker = new StepParker(maxNs -> {
        clock.advance(Duration.ofNanos(Math.min(Math.max(maxNs, 1), 500_000)));
        stepAll();
    });

    private final TracedTransport.Trace trace = new TracedTransport.Trace();
    private final ClusterFaults faults;
    private int moves;
    private boolean isStepping;

    /**
     * @param acknowledgedByLeader how many records a leader acknowledged by itself
     * @param mismatches how many conditional appends were refused
     * @param crashes how often a machine or a process ended
     * @param moves how often a partition was to be kept by others
     * @param trace of every frame that was sent
     */
    record Outcome(
            int acknowledged,
            int acknowledgedByLeader,
            int failed,
            int mismatches,
            int crashes,
            int moves,
            int leaderEpochs,
            long hash,
            long trace) {}

    /** Most clusters have three brokers, some five or seven. */
    ClusterSimulation(long seed) {
        this(seed, seed % 10 == 9 ? 7 : seed % 5 == 4 ? 5 : 3);
    }

    ClusterSimulation(long seed, int brokerCount) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.history = new ClusterHistory(PARTITIONS);
        SimNetworkSettings settings = SimNetworkSettings.perfect()
                .withLoss(random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.1)
                .withDuplication(random.nextDouble() * 0.05)
                .withDelay(Duration.ofNanos(50_000), Duration.ofNanos(100_000 + random.nextLong(3_000_000)))
                .withLimits(1_408, 4_096);
        this.network = new SimNetwork(random, clock, settings);
        Map<Integer, InetSocketAddress> members = new HashMap<>();
        for (int id = 0; id < brokerCount; id++) {
            // Nobody looks there: the network goes by ids.
            members.put(id, InetSocketAddress.createUnresolved("broker-" + id, 1));
        }
        for (int id = 0; id < brokerCount; id++) {
            brokers.add(new SimulatedBroker(
                    settings(id, members), BrokerSettings.defaults(), clock, parker, network, trace, random));
        }
        this.faults = new ClusterFaults(random, clock, network, brokers, history, flushesEachBatch());
    }

    static ClusterSettings settings(int id, Map<Integer, InetSocketAddress> members) {
        return new ClusterSettings(
                id,
                members,
                "",
                null,
                Duration.ofMillis(300),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(300),
                Duration.ofSeconds(4),
                Duration.ofSeconds(20));
    }

    Outcome run() {
        try {
            brokers.forEach(SimulatedBroker::start);
            TopicSettings topic = TopicSettings.partitions(PARTITIONS)
                    .withReplicationFactor(replicationFactor())
                    .withMinInsyncReplicas(replicationFactor() / 2 + 1)
                    .withFlush(flushesEachBatch() ? FlushSettings.EVERY_BATCH : FlushSettings.NEVER);
            brokers.get(0).createTopic(topic);
            for (int step = 0; step < STEPS; step++) {
                faults.disturb();
                clients();
                clock.advance(Duration.ofNanos(100_000 + random.nextLong(3_000_000)));
                stepAll();
                history.check();
            }
            settle();
            return new Outcome(
                    history.acknowledged(),
                    history.acknowledgedByLeader(),
                    history.failed(),
                    history.mismatches(),
                    faults.crashes(),
                    moves,
                    history.leaderEpochs(),
                    history.hash(),
                    trace.hash());
        } catch (Throwable e) {
            throw new AssertionError("seed=" + seed + ", brokers=" + brokers.size() + ": " + e.getMessage(), e);
        } finally {
            brokers.forEach(SimulatedBroker::abandon);
        }
    }

    /** For one seed of three, nobody keeps everything: readers depend on the leaders then, and partitions move. */
    private boolean isSpread() {
        return seed % 3 == 1;
    }

    private int replicationFactor() {
        return isSpread() ? brokers.size() / 2 + 1 : brokers.size();
    }

    /** For one seed of four, nothing that a machine has told to have is gone with it. */
    private boolean flushesEachBatch() {
        return seed % 4 == 3;
    }

    /** Each broker's thread, in any order; none is inside itself. */
    private void stepAll() {
        if (isStepping) {
            return;
        }
        isStepping = true;
        try {
            int first = random.nextInt(brokers.size());
            for (int i = 0; i < brokers.size(); i++) {
                brokers.get((first + i) % brokers.size()).step();
            }
        } finally {
            isStepping = false;
        }
    }

    private void clients() {
        for (SimulatedBroker broker : brokers) {
            if (broker.isAlive() && !broker.isHalted()) {
                if (random.nextInt(10) == 0) {
                    broker.send(history, random.nextInt(PARTITIONS), 1 + random.nextInt(4), anyAcks());
                }
                if (random.nextInt(30) == 0) {
                    // Mostly where the partition may end, sometimes where it cannot.
                    int ahead = Math.max(0, random.nextInt(8) - 5) - random.nextInt(8) / 6;
                    broker.append(history, random.nextInt(PARTITIONS), 1 + random.nextInt(3), ahead);
                }
                if (random.nextInt(3) == 0) {
                    openConsumer(broker);
                    broker.read(history);
                }
            }
        }
        if (isSpread() && random.nextInt(100) == 0) {
            reassign(brokers.get(random.nextInt(brokers.size())));
        }
        if (random.nextInt(50) == 0) {
            for (SimulatedBroker broker : brokers) {
                if (broker.isAlive() && !broker.isHalted()) {
                    history.onDescribed(broker.describe());
                }
            }
        }
    }

    /** Where partitions stay, everybody waits for all. */
    private Acks anyAcks() {
        return switch (isSpread() ? random.nextInt(8) : 7) {
            case 0 -> Acks.NONE;
            case 1, 2 -> Acks.LEADER;
            default -> Acks.ALL;
        };
    }

    /** Where it need not wait long for the controller. */
    private void reassign(SimulatedBroker broker) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < brokers.size(); id++) {
            ids.add(random.nextInt(id + 1), id);
        }
        int partition = random.nextInt(PARTITIONS);
        if (faults.isNetworkWhole() && brokers.stream().allMatch(each -> isThere(each.id()))) {
            moves += broker.reassign(partition, ids.subList(0, replicationFactor())) ? 1 : 0;
        }
    }

    /** Where it need not wait long: leaders are there, and reached. */
    private void openConsumer(SimulatedBroker broker) {
        if (broker.wantsConsumer()
                && faults.isNetworkWhole()
                && broker.describe().partitions().stream().allMatch(partition -> isThere(partition.leader()))) {
            broker.openConsumer();
        }
    }

    private boolean isThere(int brokerId) {
        return brokers.stream().anyMatch(broker -> broker.id() == brokerId && broker.isAlive() && !broker.isHalted());
    }

    private boolean isAnyBehind() {
        return !brokers.stream().allMatch(broker -> history.isAllRead(broker.positions()));
    }

    private boolean isAnyMissing() {
        return random.nextInt(100) == 0
                && !brokers.get(0).describe().underReplicated().isEmpty();
    }

    private void settle() {
        faults.end();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            brokers.get(0).send(history, partition, 1, Acks.ALL);
        }
        awaitQuiet(QUIET);
        int mismatches = history.mismatches();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            List<String> there = brokers.get(1).append(history, partition, 2, 0);
            awaitQuiet(ANSWERED);
            if (!there.stream().allMatch(history::isAcknowledged)) {
                throw new AssertionError("not appended though the partition ends there: " + there);
            }
            brokers.get(2).append(history, partition, 1, partition % 2 == 0 ? 1 : -1);
        }
        awaitQuiet(ANSWERED);
        if (history.mismatches() != mismatches + PARTITIONS) {
            throw new AssertionError("not refused though the partition ends elsewhere: refused="
                    + (history.mismatches() - mismatches) + ", partitions=" + PARTITIONS);
        }
        brokers.forEach(broker -> history.requireAllRead(broker.id(), broker.positions()));
    }

    /** Everybody is answered, and has read everything. */
    private void awaitQuiet(Duration quiet) {
        long startNs = clock.nowNs();
        long quietNs = clock.nowNs();
        while (clock.nowNs() - quietNs < quiet.toNanos()) {
            clock.advance(Duration.ofMillis(2));
            stepAll();
            for (SimulatedBroker broker : brokers) {
                openConsumer(broker);
                broker.read(history);
            }
            history.check();
            if (history.isAnyOpen() || isAnyBehind() || isAnyMissing()) {
                quietNs = clock.nowNs();
            }
            if (clock.nowNs() - startNs > SETTLE_MAX.toNanos()) {
                throw new AssertionError("the cluster does not work again: seconds="
                        + TimeUnit.NANOSECONDS.toSeconds(clock.nowNs() - startNs) + ", open=" + history.open()
                        + ", records=" + history.sizes() + ", positions="
                        + brokers.stream().map(SimulatedBroker::positions).toList() + ", cluster="
                        + brokers.get(0).describe());
            }
        }
    }
}
