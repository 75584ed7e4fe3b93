package io.tidemill.benchmarks;

import java.util.Locale;

/**
 * {@link Consume} by a plain consumer and by a group of one in turn, in one JVM, so that whatever the machine does meanwhile happens
 * to both. Prints what a record costs either way, and the ratio of each pair; ends with 1 when the median of the ratios is less than
 * a group must reach.
 *
 * <pre>java -Xms3g -Xmx3g -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.ConsumeInTurn chronicle</pre>
 */
public final class ConsumeInTurn {
    private static final double RATIO_MIN = 0.9;
    private static final int WARMUP_PAIRS = 40;
    private static final int PAIRS = 100;

    private interface Reading {
        long all();
    }

    private ConsumeInTurn() {}

    /**
     * See above.
     *
     * @param args where the records are: memory or chronicle
     */
    public static void main(String[] args) {
        Consume consume = new Consume();
        consume.storage = args[0];
        consume.fill();
        double[] plainNs = new double[PAIRS];
        double[] groupNs = new double[PAIRS];
        double[] ratios = new double[PAIRS];
        for (int pair = -WARMUP_PAIRS; pair < PAIRS; pair++) {
            int to = Math.max(pair, 0);
            plainNs[to] = ns(consume::friendly);
            groupNs[to] = ns(consume::group);
            ratios[to] = plainNs[to] / groupNs[to];
        }
        consume.close();
        AppendInTurn.print("a consumer, ns per record", plainNs);
        AppendInTurn.print("a group of one", groupNs);
        AppendInTurn.print("ratio of each pair", ratios);
        double ratio = AppendInTurn.quantile(ratios, 0.5);
        System.out.printf(
                Locale.ROOT,
                "%s a group of one / a consumer, in turn, %s = %.2f, must be at least %.2f%n",
                ratio >= RATIO_MIN ? "reached " : "MISSED  ",
                args[0],
                ratio,
                RATIO_MIN);
        System.exit(ratio >= RATIO_MIN ? 0 : 1);
    }

    private static double ns(Reading reading) {
        long startNs = System.nanoTime();
        reading.all();
        return (double) (System.nanoTime() - startNs) / RecordsPerSecond.RECORDS;
    }
}
