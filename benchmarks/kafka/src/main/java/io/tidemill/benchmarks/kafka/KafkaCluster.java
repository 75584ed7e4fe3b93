package io.tidemill.benchmarks.kafka;

import io.tidemill.benchmarks.ClusterMeasurement;
import io.tidemill.benchmarks.MeasuredCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;

/**
 * Three Kafka brokers in one JVM, each of which is a controller, too, and a producer, all over TCP on loopback. What is not set below
 * is as Kafka has it.
 */
public final class KafkaCluster implements MeasuredCluster {
    private static final String TOPIC = "topic";
    private static final int BROKERS = 3;
    private static final String MIN_INSYNC_REPLICAS = "2";
    private static final String RETENTION_CHECK_MS =
            Long.toString(ClusterMeasurement.RETENTION_CHECK_INTERVAL.toMillis());

    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicLong failed = new AtomicLong();

    private KafkaCluster(KafkaProducer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    /** Takes a directory, a number of partitions, and the producer's linger.ms and batch.size. */
    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        Path directory = Path.of(args[0]);
        int[] ports = freePorts();
        String brokers = IntStream.range(0, BROKERS)
                .mapToObj(i -> "localhost:" + ports[i])
                .collect(Collectors.joining(","));
        startBrokers(directory, ports);
        createTopic(brokers, Integer.parseInt(args[1]));
        ClusterMeasurement.obey(new KafkaCluster(new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        brokers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.LINGER_MS_CONFIG,
                        args[2],
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        args[3]),
                new ByteArraySerializer(),
                new ByteArraySerializer())));
    }

    /** Two for each broker: one for its clients, one for its controller. */
    private static int[] freePorts() throws IOException {
        int[] ports = new int[2 * BROKERS];
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < ports.length; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            ports[i] = socket.getLocalPort();
        }
        // Only now, or the next one might get the same.
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    /** All at once: none of them is there before a majority is. */
    private static void startBrokers(Path directory, int[] ports) throws IOException, InterruptedException {
        String clusterId = Uuid.randomUuid().toString();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < BROKERS; i++) {
            Properties properties = properties(directory, ports, i);
            format(directory.resolve("broker-" + i + ".properties"), properties, clusterId);
            Thread thread = new Thread(
                    () -> new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM).startup(), "start-" + i);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static Properties properties(Path directory, int[] ports, int broker) {
        Properties properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", Integer.toString(broker));
        properties.put(
                "log.dirs",
                directory.resolve("broker-" + broker).toAbsolutePath().toString());
        properties.put(
                "listeners",
                "PLAINTEXT://localhost:" + ports[broker] + ",CONTROLLER://localhost:" + ports[BROKERS + broker]);
        properties.put("log.retention.check.interval.ms", RETENTION_CHECK_MS);
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put(
                "controller.quorum.voters",
                IntStream.range(0, BROKERS)
                        .mapToObj(i -> i + "@localhost:" + ports[BROKERS + i])
                        .collect(Collectors.joining(",")));
        return properties;
    }

    private static void format(Path file, Properties properties, String clusterId) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
        String[] args = {"format", "--cluster-id", clusterId, "--config", file.toString()};
        // Standard output is read by the one that started this JVM.
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int exitCode = StorageTool.execute(args, new PrintStream(said, true, StandardCharsets.UTF_8));
        if (exitCode != 0) {
            throw new IllegalStateException("storage was not formatted: exitCode=" + exitCode + ", said="
                    + said.toString(StandardCharsets.UTF_8));
        }
    }

    private static void createTopic(String brokers, int partitions) throws InterruptedException, ExecutionException {
        NewTopic topic = new NewTopic(TOPIC, partitions, (short) BROKERS)
                .configs(Map.of(
                        "min.insync.replicas",
                        MIN_INSYNC_REPLICAS,
                        "segment.bytes",
                        Integer.toString(ClusterMeasurement.SEGMENT_BYTES),
                        "retention.bytes",
                        Integer.toString(ClusterMeasurement.RETENTION_BYTES),
                        "file.delete.delay.ms",
                        RETENTION_CHECK_MS));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    @Override
    public void send(byte[] value) {
        producer.send(new ProducerRecord<>(TOPIC, value), (metadata, failure) -> {
            if (failure != null) {
                failed.incrementAndGet();
            }
        });
    }

    @Override
    public void flush() {
        producer.flush();
        if (failed.get() > 0) {
            throw new IllegalStateException("records failed: failed=" + failed);
        }
    }

    @Override
    public void sendAndWait(byte[] value) {
        try {
            producer.send(new ProducerRecord<>(TOPIC, value)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("a record failed", e);
        }
    }
}
