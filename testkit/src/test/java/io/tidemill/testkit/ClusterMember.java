package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import io.tidemill.replication.ClusterSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A broker of a cluster and a client in it, as the main class of a JVM of its own; run by {@link JvmCluster}. It obeys lines:
 *
 * <pre>
 *   open P           makes the topic with P partitions, unless it is there     opened
 *   produce C N R    sends N records as client C, R a second; 0: no pauses     producing; ack V O T, failed V why; produced
 *   stop             sends no more                                             stopped
 *   read E0 E1 ..    reads each partition up to there, if it is there in time  record P O V; read E0 E1 ..
 *   describe         tells what it knows of the cluster                        partition P L E R I; described C M
 *   close            closes the broker, and ends                               closed
 * </pre>
 *
 * V is a value, O its offset, T when it was sent. What it prints ends with {@link #END}, so that a line that a kill cut is seen.
 */
final class ClusterMember {
    static final String TOPIC = "records";
    static final String NO_SECRET = "-";
    static final String END = " .";

    private static final String CLOSED = "closed";
    private static final int REPLICATION_FACTOR = 3;
    private static final int MIN_INSYNC_REPLICAS = 2;
    private static final int IN_FLIGHT_MAX = 10_000;
    private static final Duration READ_MAX = Duration.ofSeconds(5);
    private static final Duration POLL_MAX = Duration.ofMillis(20);

    private final Broker broker;
    /** The broker's threads must not wait for the one that reads what is printed. */
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private final Thread printer = new Thread(this::print, "printer");
    private Topic<String, String> topic;
    private Consumer<String, String> consumer;
    private volatile boolean isStopped;

    private ClusterMember(Broker broker) {
        this.broker = broker;
    }

    /** Takes its number, its directory, a secret, and all members as "1=host:port,2=host:port". */
    public static void main(String[] args) throws IOException, InterruptedException {
        ClusterSettings settings = settings(Integer.parseInt(args[0]), args[2], members(args[3]));
        new ClusterMember(Cluster.join(ChronicleLog.at(Path.of(args[1])), settings)).run();
    }

    static String text(Map<Integer, InetSocketAddress> members) {
        return members.entrySet().stream()
                .map(member -> member.getKey() + "=" + member.getValue().getHostString() + ":"
                        + member.getValue().getPort())
                .collect(Collectors.joining(","));
    }

    private static Map<Integer, InetSocketAddress> members(String text) {
        Map<Integer, InetSocketAddress> members = new HashMap<>();
        for (String member : text.split(",")) {
            int equals = member.indexOf('=');
            int colon = member.lastIndexOf(':');
            members.put(
                    Integer.parseInt(member.substring(0, equals)),
                    new InetSocketAddress(
                            member.substring(equals + 1, colon), Integer.parseInt(member.substring(colon + 1))));
        }
        return members;
    }

    private static ClusterSettings settings(int brokerId, String secret, Map<Integer, InetSocketAddress> members) {
        ClusterSettings defaults = ClusterSettings.of(brokerId, members);
        return new ClusterSettings(
                brokerId,
                members,
                defaults.rack(),
                secret.equals(NO_SECRET) ? null : secret.getBytes(StandardCharsets.UTF_8),
                defaults.sessionTimeout(),
                defaults.heartbeatInterval(),
                defaults.electionTimeout(),
                defaults.replicaLagTimeMax(),
                defaults.deliveryTimeout(),
                defaults.requestTimeout());
    }

    private void run() throws IOException, InterruptedException {
        printer.start();
        BufferedReader stdin = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            for (String line = stdin.readLine(); line != null; line = stdin.readLine()) {
                obey(line.split(" "));
                if (line.equals("close")) {
                    printer.join();
                    return;
                }
            }
        } finally {
            // Also when the one that started it is gone.
            Runtime.getRuntime().halt(0);
        }
    }

    private void obey(String[] words) {
        switch (words[0]) {
            case "open" -> open(Integer.parseInt(words[1]));
            case "produce" -> {
                isStopped = false;
                lines.add("producing");
                Thread producer = new Thread(
                        () -> produce(words[1], Long.parseLong(words[2]), Long.parseLong(words[3])), "producer");
                producer.start();
            }
            case "stop" -> {
                isStopped = true;
                lines.add("stopped");
            }
            case "read" ->
                read(IntStream.range(1, words.length)
                        .mapToLong(i -> Long.parseLong(words[i]))
                        .toArray());
            case "describe" -> describe();
            case "close" -> {
                consumer.close();
                broker.close();
                lines.add(CLOSED);
            }
            default -> throw new IllegalArgumentException("unknown command: " + String.join(" ", words));
        }
    }

    private void open(int partitions) {
        TopicSettings settings = TopicSettings.partitions(partitions)
                .withReplicationFactor(REPLICATION_FACTOR)
                .withMinInsyncReplicas(MIN_INSYNC_REPLICAS);
        topic = broker.topic(TOPIC, Serdes.string(), Serdes.string(), settings);
        consumer = topic.consumer();
        lines.add("opened");
    }

    private void produce(String client, long count, long rate) {
        int partitions = topic.settings().partitions();
        Semaphore room = new Semaphore(IN_FLIGHT_MAX);
        long startNs = System.nanoTime();
        for (long i = 0; i < count && !isStopped; i++) {
            if (rate > 0) {
                pauseUntil(startNs + i * TimeUnit.SECONDS.toNanos(1) / rate);
            }
            room.acquireUninterruptibly();
            int partition = (int) (i % partitions);
            String value = client + ":" + partition + ":" + i;
            long sentMs = System.currentTimeMillis();
            topic.send(ProducerRecord.of("key", value).toPartition(partition)).whenComplete((place, failure) -> {
                lines.add(
                        failure == null
                                ? "ack " + value + " " + place.offset() + " " + sentMs
                                : "failed " + value + " " + failure);
                room.release();
            });
        }
        room.acquireUninterruptibly(IN_FLIGHT_MAX);
        lines.add("produced");
    }

    private static void pauseUntil(long deadlineNs) {
        for (long leftNs = deadlineNs - System.nanoTime(); leftNs > 0; leftNs = deadlineNs - System.nanoTime()) {
            LockSupport.parkNanos(leftNs);
        }
    }

    private void read(long[] ends) {
        long deadlineNs = System.nanoTime() + READ_MAX.toNanos();
        do {
            for (ConsumerRecord<String, String> record : consumer.poll(POLL_MAX)) {
                lines.add("record " + record.partition() + " " + record.offset() + " " + record.value());
            }
        } while (!isReadUpTo(ends) && System.nanoTime() - deadlineNs < 0);
        lines.add(IntStream.range(0, ends.length)
                .mapToObj(i -> Long.toString(position(i)))
                .collect(Collectors.joining(" ", "read ", "")));
    }

    private boolean isReadUpTo(long[] ends) {
        return IntStream.range(0, ends.length).allMatch(i -> position(i) >= ends[i]);
    }

    private long position(int partition) {
        return consumer.position(new TopicPartition(TOPIC, partition));
    }

    private void describe() {
        ClusterDescription known = Cluster.describe(broker);
        for (PartitionReplicas partition : known.partitions()) {
            lines.add("partition " + partition.partition().partition() + " " + partition.leader() + " "
                    + partition.leaderEpoch() + " " + text(partition.replicas()) + " " + text(partition.inSync()));
        }
        lines.add("described " + known.controllerId() + " " + known.metadataEpoch());
    }

    private static String text(List<Integer> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private void print() {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        List<String> batch = new ArrayList<>();
        do {
            batch.clear();
            try {
                batch.add(lines.take());
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts the printer", e);
            }
            lines.drainTo(batch);
            out.print(batch.stream().map(line -> line + END + "\n").collect(Collectors.joining()));
            out.flush();
        } while (!batch.contains(CLOSED));
    }
}
