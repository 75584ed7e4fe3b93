package io.tidemill.benchmarks;

import io.tidemill.RecordMetadata;
import io.tidemill.Topic;
import io.tidemill.log.ChronicleLog;
import io.tidemill.spi.Storage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * What a cluster of three brokers in one JVM costs, over UDP on loopback: until the first record, a record with {@code acks=all} that
 * is waited for, many that are not, and idling. With the argument {@code memory} or {@code chronicle}.
 */
public final class ClusterCosts {
    private static final int ROUNDS = 8;
    private static final int WAITED_FOR = 5_000;
    private static final int RECORDS = 1_000_000;
    private static final int VALUE_BYTES = 100;
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(5);

    private ClusterCosts() {}

    public static void main(String[] args) throws Exception {
        boolean isOnDisk = args.length > 0 && args[0].equals("chronicle");
        System.out.println("three brokers, " + (isOnDisk ? "on disk" : "in memory"));
        System.out.println("start ms  topic ms  first ms  p50 us  p99 us  M records/s  idle % of a core, all three");
        for (int round = 0; round < ROUNDS; round++) {
            try (ScratchDirectory scratch = new ScratchDirectory()) {
                measure(isOnDisk, scratch.path(), round == ROUNDS - 1);
            }
        }
    }

    private static void measure(boolean isOnDisk, Path directory, boolean isLast) throws Exception {
        long startNs = System.nanoTime();
        try (ThreeBrokers brokers =
                new ThreeBrokers(id -> storage(isOnDisk, directory, id), UnaryOperator.identity())) {
            long openedNs = System.nanoTime();
            Topic<byte[], byte[]> topic = brokers.createTopic(1);
            long createdNs = System.nanoTime();
            byte[] value = new byte[VALUE_BYTES];
            topic.send(null, value).join();
            long firstNs = System.nanoTime();
            long[] waits = waits(topic, value);
            double rate = rate(topic, value);
            System.out.printf(
                    Locale.ROOT,
                    "%8.1f  %8.1f  %8.1f  %6.0f  %6.0f  %11.2f  %s%n",
                    (openedNs - startNs) / 1e6,
                    (createdNs - openedNs) / 1e6,
                    (firstNs - createdNs) / 1e6,
                    waits[WAITED_FOR / 2] / 1e3,
                    waits[WAITED_FOR * 99 / 100] / 1e3,
                    rate,
                    isLast ? String.format(Locale.ROOT, "%.2f", idlePercent()) : "");
        }
    }

    private static Storage storage(boolean isOnDisk, Path directory, int brokerId) {
        return isOnDisk ? ChronicleLog.at(directory.resolve("broker-" + brokerId)) : Storage.inMemory();
    }

    private static long[] waits(Topic<byte[], byte[]> topic, byte[] value) {
        long[] waits = new long[WAITED_FOR];
        for (int i = 0; i < WAITED_FOR; i++) {
            long startNs = System.nanoTime();
            topic.send(null, value).join();
            waits[i] = System.nanoTime() - startNs;
        }
        Arrays.sort(waits);
        return waits;
    }

    private static double rate(Topic<byte[], byte[]> topic, byte[] value) {
        long startNs = System.nanoTime();
        CompletableFuture<RecordMetadata> last = topic.send(null, value);
        for (int i = 1; i < RECORDS; i++) {
            last = topic.send(null, value);
        }
        last.join();
        return RECORDS * 1e3 / (System.nanoTime() - startNs);
    }

    private static double idlePercent() throws InterruptedException {
        TimeUnit.SECONDS.sleep(1);
        long cpuNs = processCpuNs();
        long startNs = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(IDLE_NS);
        return 100.0 * (processCpuNs() - cpuNs) / (System.nanoTime() - startNs);
    }

    private static long processCpuNs() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }
}
