package io.tidemill.benchmarks;

import java.util.Locale;

/**
 * What is left of the throughput of three brokers, {@code acks=all}, if one frame in a hundred is lost between them; with and without
 * loss in turn. Takes how many pairs.
 */
public final class ClusterWithLoss {
    private static final int PAIRS = 10;
    private static final int RECORDS = 1_000_000;
    private static final int WARMUP_PASSES = 3;
    private static final int PASSES = 5;
    private static final double LOSS = 0.01;
    private static final double RATIO_MIN = 0.5;

    private ClusterWithLoss() {}

    public static void main(String[] args) {
        int pairs = args.length > 0 ? Integer.parseInt(args[0]) : PAIRS;
        double[] ratios = new double[pairs];
        System.out.println("M records/s without loss, with loss, ratio");
        for (int partitions : new int[] {1, ThreeBrokers.COUNT}) {
            // The first pair warms up.
            for (int pair = -1; pair < pairs; pair++) {
                double whole = rate(partitions, 0);
                double lossy = rate(partitions, LOSS);
                ratios[Math.max(pair, 0)] = lossy / whole;
                System.out.printf(Locale.ROOT, "%.3f  %.3f  %.2f%n", whole, lossy, lossy / whole);
            }
            double ratio = AppendInTurn.quantile(ratios, 0.5);
            System.out.printf(
                    Locale.ROOT,
                    "%s  partitions=%d: with loss / without = %.2f, must be at least %.2f%n",
                    ratio >= RATIO_MIN ? "reached" : "MISSED ",
                    partitions,
                    ratio,
                    RATIO_MIN);
        }
    }

    private static double rate(int partitions, double loss) {
        double[] rates = new double[PASSES];
        try (ScratchDirectory scratch = new ScratchDirectory();
                TidemillCluster cluster = new TidemillCluster(
                        scratch.path(), partitions, transport -> new LossyTransport(transport, loss))) {
            for (int pass = -WARMUP_PASSES; pass < PASSES; pass++) {
                rates[Math.max(pass, 0)] = ClusterMeasurement.rate(cluster, RECORDS);
            }
        }
        return AppendInTurn.quantile(rates, 0.5);
    }
}
