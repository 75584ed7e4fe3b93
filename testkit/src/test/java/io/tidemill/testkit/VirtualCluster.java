package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ClusterMetrics;
import io.tidemill.MetricsListener;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import io.tidemill.replication.ClusterSettings;
import io.tidemill.runtime.StepParker;
import io.tidemill.runtime.SystemRandom;
import io.tidemill.spi.LossyStorage;
import io.tidemill.spi.Parker;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import io.tidemill.spi.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brokers 1, 2, 3 … of one cluster on one thread, in virtual time. Over a perfect network all that they say to each other at one
 * moment takes no time; then a millisecond passes.
 */
final class VirtualCluster implements AutoCloseable {
    static final String TOPIC = "records";
    static final Duration TICK = Duration.ofMillis(1);
    static final SimNetworkSettings AT_ONCE =
            SimNetworkSettings.perfect().withDelay(Duration.ZERO, Duration.ZERO).withLimits(1_408, 4_096);

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Of one moment; they answer each other a few times only. */
    private static final int ROUNDS_MAX = 1_000;

    private final ManualClock clock = new ManualClock();
    private final SplittableRandom random = new SplittableRandom(1);
    private final Function<ClusterSettings, ClusterSettings> change;
    private final Map<Integer, InetSocketAddress> members = new TreeMap<>();
    private final Map<Integer, Storage> storages = new TreeMap<>();
    private final Map<Integer, MetricsListener> listeners = new TreeMap<>();
    private final Map<Integer, Broker> brokers = new TreeMap<>();
    private final Map<Integer, Transport> transports = new TreeMap<>();
    private final Set<Integer> halted = new HashSet<>();
    private final SimNetwork network;
    private boolean isStepping;
    /** When the network is whole again; null if nobody has planned that. */
    private @Nullable Duration healAt;

    /** While a call of one broker waits, the others go on. */
    private final Parker parker = new StepParker(maxNs -> tick());

    /** None of them is there yet. */
    VirtualCluster(
            int count,
            SimNetworkSettings networkSettings,
            Function<Integer, Storage> storage,
            Function<ClusterSettings, ClusterSettings> change) {
        this.change = change;
        this.network = new SimNetwork(random, clock, networkSettings);
        for (int id = 1; id <= count; id++) {
            // Nobody looks there: the network goes by ids.
            members.put(id, InetSocketAddress.createUnresolved("broker-" + id, 1));
            storages.put(id, storage.apply(id));
            listeners.put(id, new MetricsListener() {});
        }
    }

    /** In memory, all there, and over a perfect network. */
    static VirtualCluster of(int count, Function<ClusterSettings, ClusterSettings> change) {
        VirtualCluster cluster = new VirtualCluster(count, AT_ONCE, id -> new LossyStorage(), change);
        cluster.startAll();
        return cluster;
    }

    ManualClock clock() {
        return clock;
    }

    SimNetwork network() {
        return network;
    }

    Set<Integer> ids() {
        return members.keySet();
    }

    /** From its next start on. */
    void listen(int id, MetricsListener listener) {
        listeners.put(id, listener);
    }

    // ---- what happens to brokers

    void startAll() {
        ids().forEach(this::start);
        awaitTrue(() -> ids().stream().allMatch(id -> metrics(id).isActive()), "all brokers are active");
    }

    void start(int id) {
        Transport transport = network.join(id);
        transports.put(id, transport);
        Seams seams = new Seams(clock, parker, SystemRandom.seeded(random.nextLong()), Threads.manual())
                .withMetricsListener(listeners.get(id));
        ClusterSettings settings = change.apply(ClusterSettings.of(id, members));
        brokers.put(id, Cluster.join(storages.get(id), BrokerSettings.defaults(), settings, seams, transport, parker));
    }

    void stop(int id) {
        Broker broker = broker(id);
        // While it waits for others, its own call runs it.
        brokers.remove(id);
        broker.close();
    }

    /** Its process ends, and closes nothing. */
    void kill(int id) {
        brokers.remove(id);
        transports.remove(id).close();
        if (storages.get(id) instanceof LossyStorage storage) {
            storage.endProcess();
        }
    }

    /** It does not get the processor from now on. */
    void halt(int id) {
        halted.add(id);
    }

    void goOn(int id) {
        halted.remove(id);
    }

    void isolate(int id) {
        ids().stream().filter(other -> other != id).forEach(other -> network.blockLink(id, other));
    }

    /** Also while a call waits. */
    void healIn(Duration duration) {
        healAt = clock.elapsed().plus(duration);
    }

    // ---- what time brings

    /** A millisecond passes, and then each says what it has to say. */
    void tick() {
        clock.advance(TICK);
        if (healAt != null && clock.elapsed().compareTo(healAt) >= 0) {
            healAt = null;
            network.heal();
        }
        settle();
    }

    private void settle() {
        if (isStepping) {
            return;
        }
        isStepping = true;
        try {
            int work = 1;
            for (int round = 0; work > 0 && round < ROUNDS_MAX; round++) {
                work = 0;
                for (Map.Entry<Integer, Broker> broker : brokers.entrySet()) {
                    work += halted.contains(broker.getKey())
                            ? 0
                            : broker.getValue().doWork();
                }
            }
        } finally {
            isStepping = false;
        }
    }

    void run(Duration duration) {
        long endNs = clock.nowNs() + duration.toNanos();
        while (clock.nowNs() - endNs < 0) {
            tick();
        }
    }

    void awaitTrue(BooleanSupplier condition, String what) {
        long endNs = clock.nowNs() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (clock.nowNs() - endNs >= 0) {
                throw new AssertionError("did not come true: " + what + ", brokers=" + brokers.keySet());
            }
            tick();
        }
    }

    void awaitAllInSync() {
        awaitTrue(
                () -> brokers.keySet().stream()
                        .allMatch(id -> metrics(id).activeBrokers() == members.size()
                                && metrics(id).underReplicatedPartitions() == 0),
                "all are in sync");
    }

    <T> T await(CompletableFuture<T> answer) {
        awaitTrue(answer::isDone, "an answer");
        return answer.join();
    }

    void awaitAll(Collection<? extends CompletableFuture<?>> answers) {
        answers.forEach(this::await);
    }

    // ---- what brokers say

    Broker broker(int id) {
        Broker broker = brokers.get(id);
        if (broker == null) {
            throw new IllegalStateException("the broker is not there: id=" + id);
        }
        return broker;
    }

    Set<Integer> live() {
        return Set.copyOf(brokers.keySet());
    }

    ClusterMetrics metrics(int id) {
        return Cluster.metrics(broker(id));
    }

    ClusterDescription describe(int id) {
        return Cluster.describe(broker(id));
    }

    PartitionReplicas partition(int id, int partition) {
        return Cluster.describe(broker(id), Duration.ZERO).partitions().get(partition);
    }

    int leader(int id, int partition) {
        return partition(id, partition).leader();
    }

    /** The one who decides, as that one knows. */
    int controller(int id) {
        return metrics(id).controllerId();
    }

    /** Any of those that are there, but not that one. */
    int otherThan(int... ids) {
        return brokers.keySet().stream()
                .filter(id -> Arrays.stream(ids).noneMatch(one -> one == id))
                .findFirst()
                .orElseThrow();
    }

    Topic<String, String> topic(int id, TopicSettings settings) {
        return broker(id).topic(TOPIC, Serdes.string(), Serdes.string(), settings);
    }

    @Override
    public void close() {
        halted.clear();
        network.heal();
        Set.copyOf(brokers.keySet()).forEach(this::stop);
    }
}
