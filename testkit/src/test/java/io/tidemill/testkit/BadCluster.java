package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.TopicSettings;
import io.tidemill.errors.InvalidReplicationFactorException;
import io.tidemill.errors.NetworkException;
import io.tidemill.errors.TidemillException;
import io.tidemill.errors.UnansweredException;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.Liveness;
import io.tidemill.replication.ClusterSettings;
import io.tidemill.runtime.StepParker;
import io.tidemill.runtime.SystemRandom;
import io.tidemill.spi.LossyStorage;
import io.tidemill.spi.Parker;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import io.tidemill.spi.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Members of {@link GroupRuns} live in three brokers, over a network that loses, doubles and delays; one broker at a time is dead, or
 * cut off from the others.
 */
final class BadCluster implements GroupRuns.Surroundings {
    private static final int BROKERS = 3;
    private static final int NOBODY = -1;
    private static final int SETTLE_STEPS_MAX = 100_000;
    private static final Duration STEP = Duration.ofNanos(250_000);

    private final SplittableRandom random;
    private final ManualClock clock;
    private final SimNetwork network;
    private final Map<Integer, InetSocketAddress> addresses = new HashMap<>();
    private final Map<Integer, LossyStorage> storages = new HashMap<>();
    private final Map<Integer, Broker> brokers = new TreeMap<>();
    private final Map<Integer, Transport> transports = new HashMap<>();
    private int cutOff = NOBODY;
    private int dead = NOBODY;
    private boolean isStepping;
    /** While a call of one broker waits, the others go on. */
    private final Parker parker = new StepParker(maxNs -> awaitOthers());

    BadCluster(SplittableRandom random, ManualClock clock) {
        this.random = random;
        this.clock = clock;
        SimNetworkSettings settings = SimNetworkSettings.perfect()
                .withLoss(random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.05)
                .withDuplication(random.nextDouble() * 0.05)
                .withDelay(Duration.ofNanos(50_000), Duration.ofNanos(100_000 + random.nextLong(1_000_000)))
                .withLimits(1_408, 4_096);
        this.network = new SimNetwork(random, clock, settings);
        for (int id = 0; id < BROKERS; id++) {
            // Nobody looks there: the network goes by ids.
            addresses.put(id, InetSocketAddress.createUnresolved("broker-" + id, 1));
            storages.put(id, new LossyStorage());
        }
        addresses.keySet().forEach(this::start);
    }

    private void start(int id) {
        ClusterSettings settings = new ClusterSettings(
                id,
                addresses,
                "",
                null,
                Duration.ofMillis(300),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(300),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5));
        transports.put(id, network.join(id));
        Seams seams = new Seams(clock, parker, SystemRandom.seeded(random.nextLong()), Threads.manual());
        brokers.put(
                id,
                Cluster.join(storages.get(id), BrokerSettings.defaults(), settings, seams, transports.get(id), parker));
    }

    /** Longer than was asked for, as real waits are: there are many. */
    private void awaitOthers() {
        clock.advance(STEP);
        stepAll();
    }

    private void stepAll() {
        if (!isStepping) {
            isStepping = true;
            try {
                brokers.values().forEach(Broker::doWork);
            } finally {
                isStepping = false;
            }
        }
    }

    private void pass(Duration duration) {
        long untilNs = clock.nowNs() + duration.toNanos();
        while (clock.nowNs() - untilNs < 0) {
            parker.park(0);
        }
    }

    @Override
    public Broker broker() {
        List<Integer> reached =
                brokers.keySet().stream().filter(id -> id != cutOff).toList();
        return brokers.get(reached.get(random.nextInt(reached.size())));
    }

    /** Otherwise, when time jumps, the last one in sync may be one that dies before others are again. */
    @Override
    public TopicSettings topicSettings() {
        return TopicSettings.partitions(3).withMinInsyncReplicas(2);
    }

    @Override
    public Collection<Broker> brokers() {
        return brokers.values();
    }

    @Override
    public void disturb() {
        pass(Duration.ofNanos(random.nextLong(3_000_000)));
        switch (random.nextInt(60)) {
            case 0 -> {
                if (dead == NOBODY && cutOff == NOBODY) {
                    settle();
                    cutOff = random.nextInt(BROKERS);
                    addresses.keySet().stream().filter(id -> id != cutOff).forEach(id -> network.blockLink(cutOff, id));
                }
            }
            case 1, 2 -> heal();
            case 3, 4 -> revive();
            case 5 -> pass(Duration.ofMillis(random.nextLong(1_000)));
            default -> {
                // nothing happens most of the time
            }
        }
    }

    private void heal() {
        network.heal();
        cutOff = NOBODY;
    }

    private void revive() {
        if (dead != NOBODY) {
            start(dead);
            dead = NOBODY;
        }
    }

    @Override
    public void letSend() {
        // Those that are reached can.
    }

    @Override
    public Broker restart() {
        settle();
        dead = random.nextInt(BROKERS);
        Broker ended = brokers.remove(dead);
        transports.remove(dead).close();
        storages.get(dead).endProcess();
        return ended;
    }

    /** A call that needs a broker which was cut off waits for it, and may have been heard; new partitions need all brokers. */
    @Override
    public boolean isExpected(TidemillException failure) {
        return failure instanceof UnansweredException
                || failure instanceof NetworkException
                || failure instanceof InvalidReplicationFactorException;
    }

    @Override
    public void letSessionsEnd() {
        clock.advance(Duration.ofSeconds(50));
        pass(Duration.ofSeconds(2));
    }

    @Override
    public void settle() {
        heal();
        revive();
        for (Broker broker : brokers.values()) {
            for (int i = 0; !isWhole(broker); i++) {
                if (i == SETTLE_STEPS_MAX) {
                    throw new AssertionError(
                            "the cluster does not work again: " + Cluster.describe(broker, Duration.ZERO));
                }
                parker.park(0);
            }
        }
    }

    /** Otherwise the next broker that is lost may be the only one that knows everything. */
    private static boolean isWhole(Broker broker) {
        ClusterDescription known = Cluster.describe(broker, Duration.ZERO);
        return known.underReplicated().isEmpty()
                && known.brokers().size() == BROKERS
                && known.brokers().stream().allMatch(one -> one.liveness() == Liveness.ACTIVE);
    }

    @Override
    public void close() {
        for (int id : new ArrayList<>(brokers.keySet())) {
            brokers.remove(id);
            transports.remove(id).close();
        }
    }
}
