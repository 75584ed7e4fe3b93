package io.tidemill.benchmarks;

import io.tidemill.Broker;
import io.tidemill.ClusterMetrics;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.RecordMetadata;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterSettings;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/**
 * What a rolling restart does to those who send meanwhile: three brokers on disk in one JVM, over UDP on loopback, are closed and opened
 * again one after the other, while clients of the two others send with {@code acks=all} at a steady rate. A record's latency counts
 * from when it was due, so that a client that is held up hides nothing. In the end everything is read: what was acknowledged must be
 * there, once. Arguments: records per second of each client (1000), rounds (3).
 */
public final class RollingRestart {
    private static final int BROKERS = 3;
    private static final int PARTITIONS = 3;
    private static final int VALUE_BYTES = 100;
    private static final Duration QUIET = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TopicSettings SETTINGS =
            TopicSettings.partitions(PARTITIONS).withReplicationFactor(BROKERS).withMinInsyncReplicas(2);

    /**
     * A record that was acknowledged.
     *
     * @param dueNs when it was to be sent
     */
    private record Sample(int clientId, long dueNs, long latencyNs) {}

    private final Path directory;
    private final long intervalNs;
    private final Map<Integer, InetSocketAddress> members;
    private final Map<Integer, Broker> brokers = new TreeMap<>();
    private final Map<Integer, Client> clients = new TreeMap<>();
    private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
    /** By value. */
    private final Map<String, RecordMetadata> acknowledged = new ConcurrentHashMap<>();

    private final AtomicLong failed = new AtomicLong();

    private RollingRestart(Path directory, int recordsPerSecond) throws IOException {
        this.directory = directory;
        this.intervalNs = TimeUnit.SECONDS.toNanos(1) / recordsPerSecond;
        this.members = freeAddresses();
    }

    public static void main(String[] args) throws Exception {
        int recordsPerSecond = args.length > 0 ? Integer.parseInt(args[0]) : 1_000;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
        try (ScratchDirectory scratch = new ScratchDirectory()) {
            new RollingRestart(scratch.path(), recordsPerSecond).run(rounds);
        }
    }

    private void run(int rounds) throws InterruptedException {
        try {
            members.keySet().forEach(this::join);
            awaitAllInSync();
            members.keySet().forEach(id -> clients.put(id, new Client(id)));
            clients.values().forEach(Thread::start);
            System.out.println("restarted              close ms  window ms  records    p50 ms    p99 ms    max ms");
            // The first seconds are the JVM's.
            TimeUnit.NANOSECONDS.sleep(QUIET.toNanos());
            long quietNs = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(QUIET.toNanos());
            print(
                    "nobody",
                    0,
                    quietNs,
                    System.nanoTime(),
                    latencies(quietNs, System.nanoTime(), ClusterMetrics.NOBODY));
            List<Long> all = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                for (int id : members.keySet()) {
                    all.addAll(restart(id));
                    TimeUnit.SECONDS.sleep(1);
                }
            }
            print("all", 0, 0, 0, all);
            for (Client client : clients.values()) {
                client.end();
            }
            verify();
        } finally {
            clients.values().forEach(Thread::interrupt);
            CloseHelper.closeAll(brokers.values());
        }
    }

    private void join(int id) {
        Broker broker =
                Cluster.join(ChronicleLog.at(directory.resolve("broker-" + id)), ClusterSettings.of(id, members));
        brokers.put(id, broker);
    }

    private List<Long> restart(int id) throws InterruptedException {
        Client client = Objects.requireNonNull(clients.get(id));
        client.pause();
        boolean isController = Cluster.metrics(broker(id)).controllerId() == id;
        long startNs = System.nanoTime();
        broker(id).close();
        long closedNs = System.nanoTime();
        join(id);
        awaitAllInSync();
        client.resume(topic(id));
        long endNs = System.nanoTime();
        awaitNoneOpenOf(endNs);
        List<Long> latencies = latencies(startNs, endNs, id);
        print("broker " + id + (isController ? ", controller" : ""), closedNs - startNs, startNs, endNs, latencies);
        return latencies;
    }

    private Broker broker(int id) {
        return Objects.requireNonNull(brokers.get(id));
    }

    private Topic<String, String> topic(int id) {
        return broker(id).topic("records", Serdes.string(), Serdes.string(), SETTINGS);
    }

    private void awaitAllInSync() {
        long startNs = System.nanoTime();
        while (!brokers.values().stream().allMatch(RollingRestart::seesAllInSync)) {
            requirePatience(startNs, "not all are in sync");
        }
    }

    private static boolean seesAllInSync(Broker broker) {
        ClusterMetrics metrics = Cluster.metrics(broker);
        return metrics.activeBrokers() == BROKERS && metrics.underReplicatedPartitions() == 0;
    }

    /** Whatever was due before is answered. */
    private void awaitNoneOpenOf(long endNs) {
        while (clients.values().stream().anyMatch(client -> client.oldestOpenNs() - endNs < 0)) {
            requirePatience(endNs, "not all are answered");
        }
    }

    private static void requirePatience(long startNs, String what) {
        if (System.nanoTime() - startNs > PATIENCE.toNanos()) {
            throw new IllegalStateException(what + ": seconds=" + PATIENCE.toSeconds());
        }
        LockSupport.parkNanos(1_000_000);
    }

    /** Of what others than that broker's client were to send in between. */
    private List<Long> latencies(long startNs, long endNs, int exceptId) {
        return samples.stream()
                .filter(one -> one.clientId() != exceptId && one.dueNs() - startNs >= 0 && one.dueNs() - endNs < 0)
                .map(Sample::latencyNs)
                .toList();
    }

    private static void print(String what, long closeNs, long startNs, long endNs, List<Long> latencies) {
        long[] sorted = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "%-21s  %8.1f  %9.1f  %7d  %8.2f  %8.2f  %8.2f%n",
                what,
                closeNs / 1e6,
                (endNs - startNs) / 1e6,
                sorted.length,
                percentile(sorted, 50) / 1e6,
                percentile(sorted, 99) / 1e6,
                percentile(sorted, 100) / 1e6);
    }

    private static long percentile(long[] sorted, int percent) {
        return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) (sorted.length * (long) percent / 100) - 1)];
    }

    private void verify() {
        Map<String, RecordMetadata> missing = new HashMap<>(acknowledged);
        Map<String, Integer> counts = new HashMap<>();
        int moved = 0;
        try (Consumer<String, String> consumer = topic(1).consumer()) {
            List<TopicPartition> partitions = List.copyOf(consumer.assignment());
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    counts.merge(record.value(), 1, Integer::sum);
                    RecordMetadata told = missing.remove(record.value());
                    moved += told != null && told.offset() != record.offset() ? 1 : 0;
                }
            }
        }
        long doubled = counts.values().stream().filter(count -> count > 1).count();
        System.out.println("acknowledged=" + acknowledged.size() + ", failed=" + failed + ", lost=" + missing.size()
                + ", doubled=" + doubled + ", elsewhere=" + moved);
        if (!missing.isEmpty() || doubled > 0 || moved > 0) {
            throw new IllegalStateException("records are lost, doubled, or not where it was told");
        }
    }

    private static Map<Integer, InetSocketAddress> freeAddresses() throws IOException {
        Map<Integer, InetSocketAddress> members = new TreeMap<>();
        for (int id = 1; id <= BROKERS; id++) {
            try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                members.put(id, new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort()));
            }
        }
        return members;
    }

    /** Sends by one broker, as long as that is open. */
    private final class Client extends Thread {
        private final int id;
        private final Map<Long, Long> dueByNumber = new ConcurrentHashMap<>();
        private volatile @Nullable Topic<String, String> topic;
        private volatile boolean isOver;
        private long number;

        Client(int id) {
            super("client-" + id);
            this.id = id;
            this.topic = RollingRestart.this.topic(id);
            setDaemon(true);
        }

        @Override
        public void run() {
            long dueNs = System.nanoTime();
            while (!isOver) {
                LockSupport.parkNanos(dueNs - System.nanoTime());
                if (System.nanoTime() - dueNs >= 0) {
                    send(dueNs);
                    dueNs += intervalNs;
                }
            }
        }

        private synchronized void send(long dueNs) {
            Topic<String, String> current = topic;
            if (current == null) {
                return;
            }
            long next = number++;
            String prefix = id + ":" + next + ":";
            String value = prefix + "x".repeat(VALUE_BYTES - prefix.length());
            dueByNumber.put(next, dueNs);
            current.send(null, value).whenComplete((place, failure) -> {
                if (failure == null) {
                    acknowledged.put(value, place);
                    samples.add(new Sample(id, dueNs, System.nanoTime() - dueNs));
                } else {
                    failed.incrementAndGet();
                }
                dueByNumber.remove(next);
            });
        }

        /** When this returns, it sends nothing until it is resumed, and all that it sent is answered. */
        void pause() {
            synchronized (this) {
                topic = null;
            }
            long startNs = System.nanoTime();
            while (!dueByNumber.isEmpty()) {
                requirePatience(startNs, "not all are answered");
            }
        }

        void resume(Topic<String, String> again) {
            topic = again;
        }

        /** Or the present, if all is answered. */
        long oldestOpenNs() {
            long nowNs = System.nanoTime();
            return nowNs
                    + dueByNumber.values().stream()
                            .mapToLong(due -> due - nowNs)
                            .min()
                            .orElse(0);
        }

        void end() throws InterruptedException {
            pause();
            isOver = true;
            join();
        }
    }
}
