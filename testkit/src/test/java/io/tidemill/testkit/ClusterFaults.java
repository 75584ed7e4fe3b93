package io.tidemill.testkit;

import io.tidemill.Acks;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.BrokerState;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What happens to the brokers of a {@link ClusterSimulation}: their processes and machines crash, alone and several at once, again
 * when they have hardly been started, and while they lead and batches are on the way; they halt, their clocks drift, and the
 * network between them is cut.
 */
final class ClusterFaults {
    private static final int NOBODY = -1;
    /** As many as there are kinds. */
    private static final int FAULTS = 12;
    /** Up to so many records of each broker are on the way to a leader to which something happens. */
    private static final int BURST_MAX = 6;

    /** So often it is looked who leads next, before that is given up. */
    private static final int LOOKS_MAX = 80;

    private final RandomGenerator random;
    private final ManualClock clock;
    private final SimNetwork network;
    private final List<SimulatedBroker> brokers;
    private final ClusterHistory history;
    private final boolean flushesEachBatch;
    /** A run is restless or calm: where everything happens at once, little is appended. */
    private final int stepsPerFault;

    private final List<Due> due = new ArrayList<>();

    /** Under which epoch a broker was registered when its machine crashed last. */
    private final Map<Integer, Long> lostTailEpochs = new HashMap<>();
    /** Whose machine crashed last. */
    private int lastTailless = NOBODY;

    private int crashes;
    private boolean isNetworkWhole = true;

    private record Due(long atNs, Runnable fault) {}

    /** @param flushesEachBatch whether what a machine has said to have, it has whatever happens */
    ClusterFaults(
            RandomGenerator random,
            ManualClock clock,
            SimNetwork network,
            List<SimulatedBroker> brokers,
            ClusterHistory history,
            boolean flushesEachBatch) {
        this.random = random;
        this.clock = clock;
        this.network = network;
        this.brokers = brokers;
        this.history = history;
        this.flushesEachBatch = flushesEachBatch;
        this.stepsPerFault = 40 + random.nextInt(200);
    }

    /** How often a machine or a process ended. */
    int crashes() {
        return crashes;
    }

    boolean isNetworkWhole() {
        return isNetworkWhole;
    }

    /** Mostly nothing. */
    void disturb() {
        carryOutDue();
        SimulatedBroker broker = brokers.get(random.nextInt(brokers.size()));
        SimulatedBroker other = brokers.get(random.nextInt(brokers.size()));
        switch (random.nextInt(stepsPerFault * FAULTS)) {
            case 0 -> crash(broker, false);
            case 1 -> crash(broker, mayLoseTail(broker));
            case 2 -> cut(() -> network.block(broker.id(), other.id()));
            case 3 -> cut(() -> network.blockLink(broker.id(), other.id()));
            case 4 -> isolate(broker);
            case 5 -> heal();
            case 6 -> broker.halt(Duration.ofMillis(random.nextLong(600)));
            case 7 -> broker.driftBy(random.nextDouble() * 0.2 - 0.1);
            case 8, 9, 10 -> strikeLeader(random.nextInt(ClusterSimulation.PARTITIONS));
            case 11 -> losePower();
            default -> {
                // nothing happens most of the time
            }
        }
    }

    private void carryOutDue() {
        for (Due one : List.copyOf(due)) {
            if (clock.nowNs() - one.atNs >= 0) {
                due.remove(one);
                one.fault.run();
            }
        }
    }

    private void later(long withinMs, Runnable fault) {
        due.add(new Due(clock.nowNs() + random.nextLong(withinMs * 1_000_000), fault));
    }

    private void cut(Runnable cut) {
        isNetworkWhole = false;
        cut.run();
        later(800, this::heal);
    }

    /** All faults cease. */
    void end() {
        due.clear();
        heal();
        for (SimulatedBroker broker : brokers) {
            broker.driftBy(0);
            broker.halt(Duration.ZERO);
            if (!broker.isAlive()) {
                broker.start();
            }
        }
    }

    private void heal() {
        network.heal();
        isNetworkWhole = true;
    }

    private void isolate(SimulatedBroker broker) {
        cut(() -> brokers.stream()
                .filter(other -> other != broker)
                .forEach(other -> network.blockLink(broker.id(), other.id())));
    }

    /** It may crash again while it registers, forgets what others do not have, or catches up. */
    private void start(SimulatedBroker broker) {
        if (!broker.isAlive()) {
            broker.start();
            if (random.nextInt(3) == 0) {
                later(500, () -> crash(broker, random.nextBoolean() && mayLoseTail(broker)));
            }
        }
    }

    private void crash(SimulatedBroker broker, boolean losesTails) {
        if (broker.isAlive()) {
            crashes++;
            history.onCrash(broker.id());
            if (losesTails) {
                loseTails(broker);
            } else {
                broker.crash(false);
            }
            later(600, () -> start(broker));
        }
    }

    private void loseTails(SimulatedBroker broker) {
        long epoch = lostTailEpochs.getOrDefault(broker.id(), 0L);
        if (broker.isAlive()) {
            for (BrokerState state : broker.describe().brokers()) {
                epoch = Math.max(epoch, state.id() == broker.id() ? state.epoch() : 0);
            }
        }
        lostTailEpochs.put(broker.id(), epoch);
        lastTailless = broker.id();
        broker.crash(true);
    }

    /** Machines crash at the same moment, also those on which no broker runs, and come back one after the other. */
    private void losePower() {
        if (flushesEachBatch) {
            for (SimulatedBroker broker : brokers) {
                if (random.nextInt(4) > 0) {
                    crash(broker, true);
                    broker.crash(true);
                }
            }
        }
    }

    /** What was sent to a leader is on the way, appended, or at some of those who follow, when something happens to it. */
    private void strikeLeader(int partition) {
        int leaderId = leaderOf(partition);
        if (leaderId != NOBODY) {
            for (SimulatedBroker sender : brokers) {
                int burst = random.nextInt(BURST_MAX);
                for (int i = 0; i < burst; i++) {
                    later(6, () -> sender.send(history, partition, 1 + random.nextInt(2), Acks.ALL));
                }
            }
            later(8, () -> strike(brokers.get(leaderId)));
            if (random.nextInt(3) == 0) {
                strikeSuccessor(partition, leaderId, LOOKS_MAX);
            }
        }
    }

    private void strike(SimulatedBroker broker) {
        switch (random.nextInt(4)) {
            case 0 -> crash(broker, false);
            case 1 -> crash(broker, mayLoseTail(broker));
            case 2 -> isolate(broker);
            default -> broker.halt(Duration.ofMillis(300 + random.nextLong(400)));
        }
    }

    /** When it has hardly begun to lead. */
    private void strikeSuccessor(int partition, int leaderId, int looks) {
        later(20, () -> {
            int successorId = leaderOf(partition);
            if (successorId != NOBODY && successorId != leaderId) {
                later(5, () -> strike(brokers.get(successorId)));
            } else if (looks > 0) {
                strikeSuccessor(partition, leaderId, looks - 1);
            }
        });
    }

    /** As one of those knows who are there. */
    private int leaderOf(int partition) {
        for (SimulatedBroker broker : brokers) {
            if (broker.isAlive() && !broker.isHalted()) {
                return broker.describe().partitions().stream()
                        .filter(known -> known.partition().partition() == partition)
                        .mapToInt(PartitionReplicas::leader)
                        .findFirst()
                        .orElse(NOBODY);
            }
        }
        return NOBODY;
    }

    /**
     * Records that nobody flushed are safe as long as not all machines of those in sync crash. So another one may crash only when
     * everybody says that all are in sync, and means the present incarnations; the same one may crash again at any time.
     */
    private boolean mayLoseTail(SimulatedBroker broker) {
        return flushesEachBatch || broker.id() == lastTailless || areAllInSync();
    }

    private boolean areAllInSync() {
        for (SimulatedBroker broker : brokers) {
            ClusterDescription known = broker.isAlive() && !broker.isHalted() ? broker.describe() : null;
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
}
