package io.tidemill.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * {@link LogAppend} and what it is held against in turn, in one JVM, so that whatever the machine does meanwhile happens to
 * both. Prints what a record costs either way, and the ratio of each pair; ends with 1 when the median of the ratios is less
 * than the log must reach.
 *
 * <pre>
 * java -Xms3g -Xmx3g -XX:+AlwaysPreTouch -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.AppendInTurn device
 * java -Xms3g -Xmx3g -XX:+AlwaysPreTouch -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.AppendInTurn chronicle
 * </pre>
 */
public final class AppendInTurn {
    /** What the log is held against; the log itself is made of Chronicle too, so both of them in one JVM would be slower. */
    enum Peer {
        DEVICE("memcpy into a fresh mapping", 1.3),
        CHRONICLE("raw Chronicle", 4);

        private final String title;
        private final double ratioMin;

        Peer(String title, double ratioMin) {
            this.title = title;
            this.ratioMin = ratioMin;
        }
    }

    private static final int WARMUP_PAIRS = 30;
    private static final int PAIRS = 200;

    private final Peer peer;
    private final LogAppend log = new LogAppend();
    private final RawFile device = new RawFile();
    private final RawChronicle chronicle = new RawChronicle();

    private AppendInTurn(Peer peer) {
        this.peer = peer;
    }

    /**
     * See above.
     *
     * @param args the peer
     */
    public static void main(String[] args) throws IOException {
        Peer peer = Peer.valueOf(args[0].toUpperCase(Locale.ROOT));
        if (new AppendInTurn(peer).run() < peer.ratioMin) {
            System.exit(1);
        }
    }

    /** A main class that takes turns, in a JVM of its own, as JMH starts them. Answers whether it reached what it must. */
    static boolean fork(Class<?> main, String argument) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms3g",
                "-Xmx3g",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                argument);
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
        log.batchRecords = LogAppend.LANE_BATCH_RECORDS;
        device.open();
        if (peer == Peer.CHRONICLE) {
            chronicle.fill();
        }
        double[] logNs = new double[PAIRS];
        double[] peerNs = new double[PAIRS];
        double[] ratios = new double[PAIRS];
        for (int pair = -WARMUP_PAIRS; pair < PAIRS; pair++) {
            int to = Math.max(pair, 0);
            logNs[to] = logNs();
            peerNs[to] = peer == Peer.DEVICE ? deviceNs() : chronicleNs();
            ratios[to] = peerNs[to] / logNs[to];
        }
        if (peer == Peer.CHRONICLE) {
            chronicle.close();
        }
        device.close();
        print("the log, ns per record", logNs);
        print(peer.title, peerNs);
        print("ratio of each pair", ratios);
        double ratio = quantile(ratios, 0.5);
        System.out.printf(
                Locale.ROOT,
                "%s append: %s / the log, in turn = %.2f, must be at least %.2f%n",
                ratio >= peer.ratioMin ? "reached " : "MISSED  ",
                peer.title,
                ratio,
                peer.ratioMin);
        return ratio;
    }

    private double logNs() {
        log.open();
        long startNs = System.nanoTime();
        log.append();
        long tookNs = System.nanoTime() - startNs;
        log.close();
        return (double) tookNs / RecordsPerSecond.RECORDS;
    }

    private double deviceNs() throws IOException {
        long startNs = System.nanoTime();
        device.copyToFreshMapping();
        long tookNs = System.nanoTime() - startNs;
        device.checkWritten();
        return (double) tookNs / RecordsPerSecond.RECORDS;
    }

    private double chronicleNs() {
        chronicle.open();
        long startNs = System.nanoTime();
        chronicle.append();
        long tookNs = System.nanoTime() - startNs;
        chronicle.check();
        return (double) tookNs / RecordsPerSecond.RECORDS;
    }

    static void print(String what, double[] values) {
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

    static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (share * sorted.length)];
    }
}
