package io.tidemill.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
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
 */
public final class ClusterMeasurement {
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
