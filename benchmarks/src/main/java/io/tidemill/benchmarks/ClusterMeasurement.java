package io.tidemill.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * What is measured of a cluster, whoever made it: the lines that its JVM obeys until there are none any more, or whoever sent them is
 * gone.
 *
 * <pre>
 *   rate N    sends N records at once             rate R, in M/s, until the last one is acknowledged
 *   waits N   sends N records, one by one         waits P50 P99, in µs
 * </pre>
 *
 * <p>Partitions keep so little that what is measured is what the brokers do, and not how fast the machine gives out memory it never gave
 * out before, or writes it to its disk.
 */
public final class ClusterMeasurement {
    public static final int SEGMENT_BYTES = 32 << 20;
    public static final int RETENTION_BYTES = 2 * SEGMENT_BYTES;
    /** And how long what was deleted stays, where that is not at once. */
    public static final Duration RETENTION_CHECK_INTERVAL = Duration.ofSeconds(1);

    static final String READY = "ready";
    static final String RATE = "rate";
    static final String WAITS = "waits";

    private static final int VALUE_BYTES = 100;

    private ClusterMeasurement() {}

    /** Obeys, and ends the JVM: nothing that a cluster runs may keep it. */
    public static void obey(MeasuredCluster cluster) throws IOException {
        System.out.println(READY);
        BufferedReader stdin = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = stdin.readLine(); line != null; line = stdin.readLine()) {
            String[] words = line.split(" ");
            int records = Integer.parseInt(words[1]);
            switch (words[0]) {
                case RATE -> System.out.printf(Locale.ROOT, "%s %.4f%n", RATE, rate(cluster, records));
                case WAITS -> {
                    long[] waits = waits(cluster, records);
                    System.out.printf(
                            Locale.ROOT,
                            "%s %.1f %.1f%n",
                            WAITS,
                            waits[records / 2] / 1e3,
                            waits[records * 99 / 100] / 1e3);
                }
                default -> throw new IllegalArgumentException("unknown command: " + line);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    static double rate(MeasuredCluster cluster, int records) {
        byte[] value = new byte[VALUE_BYTES];
        long startNs = System.nanoTime();
        for (int i = 0; i < records; i++) {
            cluster.send(value);
        }
        cluster.flush();
        return records * 1e3 / (System.nanoTime() - startNs);
    }

    /** In ns, in ascending order. */
    static long[] waits(MeasuredCluster cluster, int records) {
        byte[] value = new byte[VALUE_BYTES];
        long[] waits = new long[records];
        for (int i = 0; i < records; i++) {
            long startNs = System.nanoTime();
            cluster.sendAndWait(value);
            waits[i] = System.nanoTime() - startNs;
        }
        Arrays.sort(waits);
        return waits;
    }
}
