package io.tidemill.testkit;

import io.tidemill.Acks;
import io.tidemill.BrokerSettings;
import io.tidemill.TopicSettings;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.BrokerState;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import io.tidemill.replication.ClusterSettings;
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

    private static final int STEPS = 4_000;
    private static final Duration SETTLE_MAX = Duration.ofSeconds(60);
    private static final Duration QUIET = Duration.ofSeconds(2);

    private final long seed;
    private final RandomGenerator random;
    private final ManualClock clock = new ManualClock();
    private final SimNetwork network;
    private final List<SimulatedBroker> brokers = new ArrayList<>();
    private final ClusterHistory history;
    /** While a call of one broker waits, the others go on. */
    private final Parker parker = new Parker() {
        @Override
        public void park(long maxNs) {
            clock.advance(Duration.ofNanos(Math.min(Math.max(maxNs, 1), 500_000)));
            stepAll();
        }

        @Override
        public void unpark(Thread thread) {
            // nobody sleeps
        }
    };

    /** Under which epoch a broker was registered when its machine crashed last. */
    private final Map<Integer, Long> lostTailEpochs = new HashMap<>();

    private int crashes;
    private int moves;
    private boolean isStepping;
    private boolean isNetworkWhole = true;

    /**
     * @param crashes how often a machine or a process ended
     * @param moves how often a partition was to be kept by others
     */
    record Outcome(
            int acknowledged,
            int acknowledgedByLeader,
            int failed,
            int crashes,
            int moves,
            int leaderEpochs,
            long hash) {}

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
                    settings(id, members), BrokerSettings.defaults(), clock, parker, network, random));
        }
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
                    .withMinInsyncReplicas(replicationFactor() / 2 + 1);
            brokers.get(0).createTopic(topic);
            for (int step = 0; step < STEPS; step++) {
                disturb();
                clients();
                clock.advance(Duration.ofNanos(100_000 + random.nextLong(1_500_000)));
                stepAll();
                history.check();
            }
            settle();
            return new Outcome(
                    history.acknowledged(),
                    history.acknowledgedByLeader(),
                    history.failed(),
                    crashes,
                    moves,
                    history.leaderEpochs(),
                    history.hash());
        } catch (Throwable e) {
            throw new AssertionError("seed=" + seed + ", brokers=" + brokers.size() + ": " + e.getMessage(), e);
        } finally {
            brokers.forEach(SimulatedBroker::abandon);
        }
    }

    /** For one seed of three, nobody keeps everything: readers depend on the leaders then. */
    private int replicationFactor() {
        return seed % 3 == 1 ? brokers.size() / 2 + 1 : brokers.size();
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

    private void disturb() {
        SimulatedBroker broker = brokers.get(random.nextInt(brokers.size()));
        SimulatedBroker other = brokers.get(random.nextInt(brokers.size()));
        switch (random.nextInt(600)) {
            case 0 -> crash(broker, false);
            case 1 -> crash(broker, mayLoseTails());
            case 2, 3, 4 -> {
                if (!broker.isAlive()) {
                    broker.start();
                }
            }
            case 5 -> {
                network.block(broker.id(), other.id());
                isNetworkWhole = false;
            }
            case 6 -> {
                network.blockLink(broker.id(), other.id());
                isNetworkWhole = false;
            }
            case 7, 8 -> heal();
            case 9 -> broker.halt(Duration.ofMillis(random.nextLong(600)));
            case 10 -> broker.driftBy(random.nextDouble() * 0.2 - 0.1);
            case 11 -> isolate(broker);
            case 12, 13, 14, 15, 16, 17 -> reassign(broker);
            default -> {
                // nothing happens most of the time
            }
        }
    }

    private void heal() {
        network.heal();
        isNetworkWhole = true;
    }

    private void isolate(SimulatedBroker broker) {
        isNetworkWhole = false;
        brokers.stream().filter(other -> other != broker).forEach(other -> network.blockLink(broker.id(), other.id()));
    }

    /** Where it need not wait long for the controller. */
    private void reassign(SimulatedBroker broker) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < brokers.size(); id++) {
            ids.add(random.nextInt(id + 1), id);
        }
        int partition = random.nextInt(PARTITIONS);
        boolean isElsewhere = replicationFactor() < brokers.size();
        if (isElsewhere && isNetworkWhole && brokers.stream().allMatch(each -> isThere(each.id()))) {
            moves += broker.reassign(partition, ids.subList(0, replicationFactor())) ? 1 : 0;
        }
    }

    private void crash(SimulatedBroker broker, boolean losesTails) {
        if (broker.isAlive()) {
            crashes++;
            if (losesTails) {
                for (BrokerState state : broker.describe().brokers()) {
                    lostTailEpochs.merge(broker.id(), state.id() == broker.id() ? state.epoch() : 0, Math::max);
                }
            }
            history.onCrash(broker.id());
            broker.crash(losesTails);
        }
    }

    /**
     * Records that nobody flushed are safe as long as not all machines of those in sync crash. So one more may crash only when
     * everybody says that all are in sync, and means the present incarnations.
     */
    private boolean mayLoseTails() {
        for (SimulatedBroker broker : brokers) {
            ClusterDescription known = broker.isAlive() ? broker.describe() : null;
            if (known == null || known.partitions().isEmpty()) {
                return false;
            }
            for (BrokerState state : known.brokers()) {
                if (state.epoch() <= lostTailEpochs.getOrDefault(state.id(), -1L)) {
                    return false;
                }
            }
            for (PartitionReplicas partition : known.partitions()) {
                if (partition.isUnderReplicated()) {
                    return false;
                }
            }
        }
        return true;
    }

    private void clients() {
        for (SimulatedBroker broker : brokers) {
            if (broker.isAlive() && !broker.isHalted()) {
                if (random.nextInt(4) == 0) {
                    broker.send(history, random.nextInt(PARTITIONS), 1 + random.nextInt(4), anyAcks());
                }
                openConsumer(broker);
                broker.read(history);
            }
        }
        if (random.nextInt(50) == 0) {
            brokers.stream()
                    .filter(SimulatedBroker::isAlive)
                    .findAny()
                    .ifPresent(broker -> history.onDescribed(broker.describe()));
        }
    }

    private Acks anyAcks() {
        return switch (random.nextInt(8)) {
            case 0 -> Acks.NONE;
            case 1, 2 -> Acks.LEADER;
            default -> Acks.ALL;
        };
    }

    /** Where it need not wait long: leaders are there, and reached. */
    private void openConsumer(SimulatedBroker broker) {
        if (broker.wantsConsumer()
                && isNetworkWhole
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
        heal();
        for (SimulatedBroker broker : brokers) {
            broker.driftBy(0);
            broker.halt(Duration.ZERO);
            if (!broker.isAlive()) {
                broker.start();
            }
        }
        long startNs = clock.nowNs();
        long quietNs = clock.nowNs();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            brokers.get(0).send(history, partition, 1, Acks.ALL);
        }
        while (clock.nowNs() - quietNs < QUIET.toNanos()) {
            clock.advance(Duration.ofMillis(1));
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
                        + brokers.stream().map(SimulatedBroker::positions).toList()
                        + ", cluster=" + brokers.get(0).describe());
            }
        }
        brokers.forEach(broker -> history.requireAllRead(broker.id(), broker.positions()));
    }
}
