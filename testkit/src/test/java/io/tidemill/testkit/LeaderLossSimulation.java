package io.tidemill.testkit;

import io.tidemill.Acks;
import io.tidemill.BrokerSettings;
import io.tidemill.Producer;
import io.tidemill.ProducerRecord;
import io.tidemill.RecordMetadata;
import io.tidemill.TopicSettings;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import io.tidemill.runtime.StepParker;
import io.tidemill.spi.Parker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Three brokers keep a partition, a client of one of them sends to it, and its leader dies at the moment when a record is acknowledged. The
 * two that are left tell what became of all that was acknowledged.
 *
 * <p>One seed of two has a network that loses nothing: there, both followers get what was sent to either. Some leaders are cut off
 * from both of them shortly before, so that they have records which nobody else has.
 */
final class LeaderLossSimulation {
    private static final int BROKERS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ACKNOWLEDGED_MAX = 60;

    /** @param lost of those that were acknowledged */
    record Outcome(int acknowledged, int lost) {}

    private record Sent(String value, CompletableFuture<RecordMetadata> answer) {}

    private final long seed;
    private final Acks acks;
    private final RandomGenerator random;
    private final boolean isLossless;
    private final ManualClock clock = new ManualClock();
    private final SimNetwork network;
    private final List<SimulatedBroker> brokers = new ArrayList<>();
    private final int partition;
    private final List<Sent> sent = new ArrayList<>();
    /** How many records each follower had before anybody else led. */
    private final long[] followed = new long[BROKERS];

    private boolean isStepping;

    LeaderLossSimulation(long seed, Acks acks) {
        this.seed = seed;
        this.acks = acks;
        this.random = new SplittableRandom(seed);
        this.isLossless = random.nextBoolean();
        this.partition = random.nextInt(ClusterSimulation.PARTITIONS);
        SimNetworkSettings settings = SimNetworkSettings.perfect()
                .withLoss(isLossless ? 0 : random.nextDouble() * 0.1)
                .withDelay(Duration.ofNanos(50_000), Duration.ofNanos(100_000 + random.nextLong(2_000_000)))
                .withLimits(1_408, 4_096);
        this.network = new SimNetwork(random, clock, settings);
        Map<Integer, InetSocketAddress> members = new HashMap<>();
        for (int id = 0; id < BROKERS; id++) {
            members.put(id, InetSocketAddress.createUnresolved("broker-" + id, 1));
        }
        Parker parker = new StepParker(maxNs -> step(Math.min(Math.max(maxNs, 1), 500_000)));
        for (int id = 0; id < BROKERS; id++) {
            brokers.add(new SimulatedBroker(
                    ClusterSimulation.settings(id, members),
                    BrokerSettings.defaults(),
                    clock,
                    parker,
                    network,
                    new TracedTransport.Trace(),
                    random));
        }
    }

    /** While a call of one broker waits, the others go on. */
    private void step(long ns) {
        clock.advance(Duration.ofNanos(ns));
        if (!isStepping) {
            isStepping = true;
            brokers.forEach(SimulatedBroker::step);
            isStepping = false;
        }
    }

    Outcome run() {
        try {
            brokers.forEach(SimulatedBroker::start);
            brokers.get(0)
                    .createTopic(TopicSettings.partitions(ClusterSimulation.PARTITIONS)
                            .withReplicationFactor(BROKERS)
                            .withMinInsyncReplicas(1 + random.nextInt(2)));
            stepUntil("in sync", () -> brokers.stream().allMatch(SimulatedBroker::hasTopic) && areAllInSync());
            SimulatedBroker leader = brokers.get(state(brokers.get(0)).leader());
            List<Sent> acknowledged = sendUntilItDies(leader);
            List<SimulatedBroker> survivors =
                    brokers.stream().filter(SimulatedBroker::isAlive).toList();
            SimulatedBroker next = awaitNextLeader(leader, survivors);
            List<String> records = read(survivors);
            return check(acknowledged, records, leader.id(), next.id());
        } catch (Throwable e) {
            throw new AssertionError("seed=" + seed + ", acks=" + acks + ": " + e.getMessage(), e);
        } finally {
            brokers.forEach(SimulatedBroker::abandon);
        }
    }

    private void stepUntil(String what, BooleanSupplier condition) {
        long startNs = clock.nowNs();
        while (!condition.getAsBoolean()) {
            step(200_000);
            if (clock.nowNs() - startNs > PATIENCE.toNanos()) {
                throw new AssertionError("waited in vain: " + what + ", seconds="
                        + TimeUnit.NANOSECONDS.toSeconds(clock.nowNs() - startNs));
            }
        }
    }

    private boolean areAllInSync() {
        return brokers.stream().map(SimulatedBroker::describe).allMatch(LeaderLossSimulation::isWhole);
    }

    private static boolean isWhole(ClusterDescription known) {
        return known.partitions().size() == ClusterSimulation.PARTITIONS
                && known.offline().isEmpty()
                && known.underReplicated().isEmpty();
    }

    private PartitionReplicas state(SimulatedBroker broker) {
        return broker.describe().partitions().stream()
                .filter(replicas -> replicas.partition().partition() == partition)
                .findFirst()
                .orElseThrow();
    }

    /** Answers what was acknowledged until then. */
    private List<Sent> sendUntilItDies(SimulatedBroker leader) {
        // All can acknowledge nothing any more then, and a client elsewhere hears nothing.
        boolean isCutOff = acks == Acks.LEADER && seed % 2 == 1;
        SimulatedBroker client = isCutOff ? leader : brokers.get(random.nextInt(BROKERS));
        Producer<String, String> producer = client.newProducer(acks);
        int wanted = 1 + random.nextInt(ACKNOWLEDGED_MAX);
        // Both follow from then on.
        CompletableFuture<RecordMetadata> first = client.newProducer(Acks.ALL)
                .send(ProducerRecord.of("key", "first").toPartition(partition));
        stepUntil("the first record", first::isDone);
        long startNs = clock.nowNs();
        while (acknowledged().size() < wanted && clock.nowNs() - startNs < PATIENCE.toNanos()) {
            if (isCutOff && acknowledged().size() >= wanted / 2) {
                brokers.stream()
                        .filter(other -> other != leader)
                        .forEach(other -> network.blockLink(leader.id(), other.id()));
            }
            for (int i = random.nextInt(3); i > 0; i--) {
                String value = "record-" + sent.size();
                sent.add(new Sent(
                        value, producer.send(ProducerRecord.of("key", value).toPartition(partition))));
            }
            step(50_000 + random.nextLong(500_000));
        }
        List<Sent> acknowledged = acknowledged();
        if (acknowledged.size() < wanted) {
            throw new AssertionError(
                    "too few were acknowledged: acknowledged=" + acknowledged.size() + ", wanted=" + wanted);
        }
        leader.crash(random.nextBoolean());
        return acknowledged;
    }

    private List<Sent> acknowledged() {
        return sent.stream()
                .filter(each -> each.answer().isDone() && !each.answer().isCompletedExceptionally())
                .toList();
    }

    private SimulatedBroker awaitNextLeader(SimulatedBroker former, List<SimulatedBroker> survivors) {
        stepUntil("the next leader", () -> {
            boolean isLed = survivors.stream().anyMatch(each -> leaderKnownTo(each) != former.id());
            for (SimulatedBroker survivor : survivors) {
                if (!isLed) {
                    followed[survivor.id()] = survivor.appendedRecords(partition);
                }
            }
            return survivors.stream()
                    .allMatch(each -> survivors.stream().anyMatch(other -> other.id() == leaderKnownTo(each)));
        });
        return brokers.get(leaderKnownTo(survivors.get(0)));
    }

    private int leaderKnownTo(SimulatedBroker broker) {
        return state(broker).leader();
    }

    /** What there is up to a record that is sent now, the same at both. */
    private List<String> read(List<SimulatedBroker> survivors) {
        String last = "last";
        CompletableFuture<RecordMetadata> end = survivors
                .get(0)
                .newProducer(Acks.ALL)
                .send(ProducerRecord.of("key", last).toPartition(partition));
        List<List<String>> read = new ArrayList<>();
        for (SimulatedBroker survivor : survivors) {
            List<String> records = new ArrayList<>();
            survivor.openConsumer();
            stepUntil("all is read", () -> {
                survivor.readInto(partition, records);
                return end.isDone() && records.size() > end.join().offset();
            });
            // What was on its way when the leader died may follow.
            read.add(records.subList(0, (int) end.join().offset() + 1));
        }
        if (!read.get(0).equals(read.get(1))) {
            throw new AssertionError("brokers do not have the same: " + read);
        }
        return read.get(0);
    }

    private Outcome check(List<Sent> acknowledged, List<String> records, int former, int next) {
        int lost = 0;
        for (Sent each : acknowledged) {
            long offset = each.answer().join().offset();
            if (acks == Acks.NONE) {
                require(offset == RecordMetadata.NO_OFFSET, each, offset);
            } else if (records.contains(each.value())) {
                require(records.indexOf(each.value()) == offset, each, offset);
            } else {
                lost++;
                require(acks == Acks.LEADER && followed[next] <= offset, each, offset);
                // Elsewhere one follower may have got what another one did not, which leads now.
                require(!isLossless || Arrays.stream(followed).allMatch(end -> end <= offset), each, offset);
            }
        }
        if (records.stream().distinct().count() < records.size()) {
            throw new AssertionError("a record is there twice: " + records);
        }
        return new Outcome(acknowledged.size(), lost);
    }

    private void require(boolean holds, Sent record, long offset) {
        if (!holds) {
            throw new AssertionError("record=" + record.value() + ", offset=" + offset + ", isLossless=" + isLossless
                    + ", followersHad=" + Arrays.toString(followed));
        }
    }
}
