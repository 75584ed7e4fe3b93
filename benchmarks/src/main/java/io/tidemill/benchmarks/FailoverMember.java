package io.tidemill.benchmarks;

import io.tidemill.Broker;
import io.tidemill.Producer;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.log.ChronicleLog;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A broker in a JVM of its own, and a client in it, which {@link Failover} has kill another one. It obeys lines:
 *
 * <pre>
 *   describe      tells who is what             described CONTROLLER LEADER:IN_SYNC LEADER:IN_SYNC ..
 *   send P        sends to a partition          sending, when some are acknowledged
 *   kill B PID    kills broker B, as kill -9    survived CONTROLLER LEADER SUCCESS: after how many ms this broker knew of another
 *                 does                          controller, of another leader, and had a record acknowledged that was sent since
 * </pre>
 */
final class FailoverMember {
    static final int PARTITIONS = 3;
    static final String READY = "ready";
    static final String DESCRIBE = "describe";
    static final String DESCRIBED = "described";
    static final String SEND = "send";
    static final String SENDING = "sending";
    static final String KILL = "kill";
    static final String SURVIVED = "survived";

    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int ACKNOWLEDGED_BEFORE = 300;
    private static final int VALUE_BYTES = 100;

    private final Broker broker;
    private final Producer<byte[], byte[]> producer;
    private final AtomicLong firstSuccessNs = new AtomicLong();
    private volatile boolean isSending;
    private volatile boolean isKilled;
    private volatile long killedNs;
    private int partition;

    private FailoverMember(Broker broker) {
        this.broker = broker;
        this.producer = broker.topic("topic", Serdes.bytes(), Serdes.bytes(), ThreeBrokers.topicSettings(PARTITIONS))
                .producer();
    }

    /** Takes a directory, the broker's number, the ports of all, and session, heartbeat and election time-out in ms. */
    public static void main(String[] args) throws IOException {
        Map<Integer, InetSocketAddress> members = new TreeMap<>();
        for (String port : args[2].split(",")) {
            members.put(
                    members.size() + 1,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)));
        }
        ClusterSettings settings = ClusterSettings.of(Integer.parseInt(args[1]), members)
                .withSession(millis(args[3]), millis(args[4]))
                .withElectionTimeout(millis(args[5]));
        new FailoverMember(Cluster.join(ChronicleLog.at(Path.of(args[0])), settings)).obey();
    }

    private static Duration millis(String text) {
        return Duration.ofMillis(Long.parseLong(text));
    }

    private void obey() throws IOException {
        System.out.println(READY);
        BufferedReader stdin = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = stdin.readLine(); line != null; line = stdin.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case DESCRIBE -> System.out.println(DESCRIBED + " " + described());
                case SEND -> send(Integer.parseInt(words[1]));
                case KILL -> {
                    String survived = kill(Integer.parseInt(words[1]), Long.parseLong(words[2]));
                    System.out.println(SURVIVED + " " + survived);
                }
                default -> throw new IllegalArgumentException("unknown command: " + line);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private String described() {
        ClusterDescription known = Cluster.describe(broker);
        return known.partitions().stream()
                .map(partition -> partition.leader() + ":" + partition.inSync().size())
                .collect(Collectors.joining(" ", known.controllerId() + " ", ""));
    }

    private void send(int to) {
        partition = to;
        isKilled = false;
        firstSuccessNs.set(0);
        isSending = true;
        long before = producer.acknowledged();
        Thread sender = new Thread(this::send, "sender");
        sender.setDaemon(true);
        sender.start();
        while (producer.acknowledged() - before < ACKNOWLEDGED_BEFORE) {
            LockSupport.parkNanos(PAUSE_NS);
        }
        System.out.println(SENDING);
    }

    private void send() {
        ProducerRecord<byte[], byte[]> record =
                ProducerRecord.<byte[], byte[]>of(null, new byte[VALUE_BYTES]).toPartition(partition);
        while (isSending) {
            // In this order: what was sent meanwhile must not count.
            boolean isSentSince = isKilled;
            producer.send(record).thenRun(() -> {
                if (isSentSince) {
                    firstSuccessNs.compareAndSet(0, System.nanoTime() - killedNs);
                }
            });
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    private String kill(int brokerId, long pid) {
        boolean isController = Cluster.describe(broker, Duration.ZERO).controllerId() == brokerId;
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        killedNs = System.nanoTime();
        isKilled = true;
        process.destroyForcibly();
        long controllerNs = isController ? 0 : 1;
        long leaderNs = 0;
        while (controllerNs == 0 || leaderNs == 0 || firstSuccessNs.get() == 0) {
            ClusterDescription known = Cluster.describe(broker, Duration.ZERO);
            if (controllerNs == 0 && isAnother(known.controllerId(), brokerId)) {
                controllerNs = System.nanoTime() - killedNs;
            }
            if (leaderNs == 0 && isAnother(known.partitions().get(partition).leader(), brokerId)) {
                leaderNs = System.nanoTime() - killedNs;
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
        isSending = false;
        return String.format(
                Locale.ROOT, "%.1f %.1f %.1f", controllerNs / 1e6, leaderNs / 1e6, firstSuccessNs.get() / 1e6);
    }

    private static boolean isAnother(int brokerId, int than) {
        return brokerId != than && brokerId != ClusterDescription.NOBODY;
    }
}
