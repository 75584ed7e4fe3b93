package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Acks;
import io.tidemill.BrokerSettings;
import io.tidemill.TopicSettings;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import io.tidemill.replication.ClusterSettings;
import io.tidemill.runtime.StepParker;
import io.tidemill.spi.Parker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How long a cluster takes to go on when a leader dies, in virtual time: what its rules and time-outs come to, without what processors
 * and disks add.
 */
class FailoverTest {
    private static final int SEEDS = 50;
    private static final Duration SESSION = Duration.ofMillis(600);
    private static final Duration HEARTBEAT = Duration.ofMillis(100);
    /** So that an election is over before the session is, even if the first one comes to nothing. */
    private static final Duration ELECTION = Duration.ofMillis(100);
    /** For some messages to and fro. */
    private static final Duration SLACK = Duration.ofMillis(20);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isOverWhenTheSessionIsAlsoIfTheControllerDies(boolean isController) {
        List<Duration> failovers = new ArrayList<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            failovers.add(new Run(seed).failover(isController));
        }

        Collections.sort(failovers);
        Duration longest = failovers.get(SEEDS - 1);
        System.out.println("failovers: isController=" + isController + ", median=" + failovers.get(SEEDS / 2)
                + ", longest=" + longest);
        assertTrue(longest.compareTo(SESSION.plus(SLACK)) <= 0, () -> "failovers=" + failovers);
    }

    /** Three brokers, of which one dies. */
    private static final class Run {
        private static final int BROKERS = 3;
        private static final Duration STEP = Duration.ofNanos(100_000);
        private static final int STEPS_MAX = 100_000;
        private static final int STEPS_BETWEEN_MAX = 5_000;

        private final RandomGenerator random;
        private final ManualClock clock = new ManualClock();
        private final List<SimulatedBroker> brokers = new ArrayList<>();
        private final ClusterHistory history = new ClusterHistory(ClusterSimulation.PARTITIONS);
        private boolean isStepping;

        /** While a call of one broker waits, the others go on. */
        private final Parker parker = new StepParker(maxNs -> step());

        Run(long seed) {
            random = new SplittableRandom(seed);
            SimNetworkSettings wire =
                    SimNetworkSettings.perfect().withDelay(Duration.ofNanos(50_000), Duration.ofNanos(200_000));
            SimNetwork network = new SimNetwork(random, clock, wire);
            Map<Integer, InetSocketAddress> members = new HashMap<>();
            for (int id = 0; id < BROKERS; id++) {
                // Nobody looks there: the network goes by ids.
                members.put(id, InetSocketAddress.createUnresolved("broker-" + id, 1));
            }
            for (int id = 0; id < BROKERS; id++) {
                ClusterSettings settings = ClusterSettings.of(id, members)
                        .withSession(SESSION, HEARTBEAT)
                        .withElectionTimeout(ELECTION);
                brokers.add(new SimulatedBroker(
                        settings,
                        BrokerSettings.defaults(),
                        clock,
                        parker,
                        network,
                        new TracedTransport.Trace(),
                        random));
            }
        }

        /** From when a leader dies until a record is acknowledged that another broker's client sends then. */
        Duration failover(boolean isController) {
            try {
                start();
                ClusterDescription known = brokers.get(0).describe();
                PartitionReplicas led = known.partitions().stream()
                        .filter(one -> (one.leader() == known.controllerId()) == isController)
                        .findFirst()
                        .orElseThrow();
                long crashNs = clock.nowNs();
                brokers.get(led.leader()).crash(false);
                SimulatedBroker client = brokers.get((led.leader() + 1 + random.nextInt(BROKERS - 1)) % BROKERS);
                client.send(history, led.partition().partition(), 1, Acks.ALL);
                await(() -> {
                    history.check();
                    return !history.isAnyOpen();
                });
                assertTrue(history.acknowledged() == 1, "nothing was acknowledged");
                return Duration.ofNanos(clock.nowNs() - crashNs);
            } finally {
                brokers.forEach(SimulatedBroker::abandon);
            }
        }

        private void start() {
            brokers.forEach(SimulatedBroker::start);
            brokers.get(0)
                    .createTopic(TopicSettings.partitions(ClusterSimulation.PARTITIONS)
                            .withReplicationFactor(BROKERS)
                            .withMinInsyncReplicas(2));
            await(() -> brokers.stream().allMatch(Run::seesAllInSync));
            // At any moment between two signs of life.
            for (int steps = random.nextInt(STEPS_BETWEEN_MAX); steps > 0; steps--) {
                step();
            }
        }

        private static boolean seesAllInSync(SimulatedBroker broker) {
            ClusterDescription known = broker.describe();
            return known.partitions().size() == ClusterSimulation.PARTITIONS
                    && known.underReplicated().isEmpty();
        }

        private void await(BooleanSupplier condition) {
            for (int steps = 0; !condition.getAsBoolean(); steps++) {
                assertTrue(steps < STEPS_MAX, "in vain was waited");
                step();
            }
        }

        private void step() {
            if (!isStepping) {
                isStepping = true;
                clock.advance(STEP);
                brokers.forEach(SimulatedBroker::step);
                isStepping = false;
            }
        }
    }
}
