package io.tidemill.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * {@link LogAppend} and {@link RawFile#copyToFreshMapping} in turn, in one JVM, so that whatever the machine does meanwhile
 * happens to both. Prints what a record costs either way, and the ratio of each pair; ends with 1 when the median of the
 * ratios is less than the log must reach.
 *
 * <pre>java -Xms3g -Xmx3g -XX:+AlwaysPreTouch -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.AppendBesideCopy</pre>
 */
public final class AppendBesideCopy {
    private static final double RATIO_MIN = 1.3;
    private static final int WARMUP_PAIRS = 30;
    private static final int PAIRS = 200;

    private final LogAppend append = new LogAppend();
    private final RawFile device = new RawFile();

    private AppendBesideCopy() {}

    /**
     * See above.
     *
     * @param args none
     */
    public static void main(String[] args) throws IOException {
        if (new AppendBesideCopy().run() < RATIO_MIN) {
            System.exit(1);
        }
    }

    /** The same in a JVM of its own, as JMH starts them. Answers whether it reached what it must. */
    static boolean fork() {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms3g",
                "-Xmx3g",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                AppendBesideCopy.class.getName());
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            throw new IllegalStateException("cannot start a JVM: command=" + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private double run() throws IOException {
        append.batchRecords = LogAppend.LANE_BATCH_RECORDS;
        device.open();
        double[] appendNs = new double[PAIRS];
        double[] copyNs = new double[PAIRS];
        double[] ratios = new double[PAIRS];
        try {
            for (int pair = -WARMUP_PAIRS; pair < PAIRS; pair++) {
                double appended = appendNs();
                double copied = copyNs();
                if (pair >= 0) {
                    appendNs[pair] = appended;
                    copyNs[pair] = copied;
                    ratios[pair] = copied / appended;
                }
            }
        } finally {
            device.close();
        }
        print("append, ns per record", appendNs);
        print("memcpy into a fresh mapping", copyNs);
        print("ratio of each pair", ratios);
        double ratio = quantile(ratios, 0.5);
        System.out.printf(
                Locale.ROOT,
                "%s append / memcpy, in turn = %.2f, must be at least %.1f%n",
                ratio >= RATIO_MIN ? "reached " : "MISSED  ",
                ratio,
                RATIO_MIN);
        return ratio;
    }

    private double appendNs() {
        append.open();
        long startNs = System.nanoTime();
        append.append();
        long tookNs = System.nanoTime() - startNs;
        append.close();
        return (double) tookNs / RecordsPerSecond.RECORDS;
    }

    private double copyNs() throws IOException {
        long startNs = System.nanoTime();
        device.copyToFreshMapping();
        long tookNs = System.nanoTime() - startNs;
        device.checkWritten();
        return (double) tookNs / RecordsPerSecond.RECORDS;
    }

    private static void print(String what, double[] values) {
        System.out.printf(
                Locale.ROOT,
                "%-28s p10 %6.2f   p25 %6.2f   median %6.2f   p75 %6.2f   p90 %6.2f   mean %6.2f%n",
                what,
                quantile(values, 0.1),
                quantile(values, 0.25),
                quantile(values, 0.5),
                quantile(values, 0.75),
                quantile(values, 0.9),
                Arrays.stream(values).average().orElseThrow());
    }

    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (share * sorted.length)];
    }
}
