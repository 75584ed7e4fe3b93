package io.tidemill.benchmarks;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs all benchmarks, prints the medians, and holds them against what Tidemill must reach. Takes JMH's own options, and
 * ends with 1 when something was missed.
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.Ratios</pre>
 */
public final class Ratios {
    private static final double PRODUCE_MIN = 2;
    private static final double CONSUME_MIN = 1.5;
    private static final double READ_MIN = 0.65;
    private static final double THOUSAND_MIN = 0.7;
    private static final double GROUP_COMMIT_MIN = 8;
    private static final double SEEK_MICROS_MAX = 5;
    private static final double REOPEN_MICROS_MAX = 1_000_000;
    private static final double REBALANCE_MICROS_MAX = 20_000;
    private static final double JOIN_MICROS_MAX = 5_000;
    private static final double COMMIT_MICROS_MAX = 1;

    /**
     * An object for each record would be 16 bytes or more. What shows below that is the opening of the log, 1 MB for the
     * at least 1,000,000 records of an iteration.
     */
    private static final double BYTES_PER_RECORD_LIMIT = 2;

    private final Map<String, RunResult> results = new TreeMap<>();
    private boolean missed;

    private Ratios(Collection<RunResult> results) {
        results.forEach(result -> this.results.put(name(result), result));
    }

    /**
     * See above.
     *
     * @param args of JMH
     */
    public static void main(String[] args) throws RunnerException, CommandLineOptionException {
        OptionsBuilder options = new OptionsBuilder();
        options.parent(new CommandLineOptions(args)).addProfiler(GCProfiler.class);
        Ratios ratios = new Ratios(new Runner(options.build()).run());
        ratios.print();
        if (ratios.missed) {
            System.exit(1);
        }
    }

    private static String name(RunResult result) {
        String method = result.getParams().getBenchmark();
        String simple = method.substring(method.lastIndexOf('.', method.lastIndexOf('.') - 1) + 1);
        for (String parameter : List.of("storage", "shape", "topics")) {
            String value = result.getParams().getParam(parameter);
            simple += value == null ? "" : " " + value;
        }
        return simple;
    }

    private void print() {
        System.out.printf("%n%-32s %22s %14s%n", "", "median", "B/operation");
        results.forEach((name, result) -> System.out.printf(
                "%-32s %,14.2f %7s %14.2f%n",
                name, median(name), result.getPrimaryResult().getScoreUnit(), bytesPerRecord(name)));
        System.out.println();
        requireRatio("produce", "Produce.rawInRuns chronicle", "RawChronicle.append", PRODUCE_MIN);
        requireRatio("consume", "Consume.raw chronicle", "RawChronicle.read", CONSUME_MIN);
        requireRatio("four to four", "ProduceToMany.sendInRuns 4 to 4", "ProduceToMany.sendInRuns 1 to 1", 1);
        requireRatio(
                "a thousand", "ProduceToMany.sendInRuns 1 to 1000", "ProduceToMany.sendInRuns 1 to 1", THOUSAND_MIN);
        requireRatio("a thousand", "ProduceToMany.send 1 to 1000", "ProduceToMany.send 1 to 1", THOUSAND_MIN);
        tellRatio("a thousand files by themselves", "RawFiles.copyToFreshMappings", "RawFile.copyToFreshMapping");
        tellRatio("a thousand files by themselves", "RawFiles.writePieces", "RawFile.writeBlocks");
        requireMillions("produce", "Produce.rawInRuns chronicle", 10);
        requireMillions("produce", "Produce.friendly chronicle", 5);
        requireMillions("consume", "Consume.raw chronicle", 30);
        requireMillions("consume", "Consume.friendly chronicle", 12);
        requireMillions("produce and consume", "ProduceAndConsume.raw chronicle", 6);
        requireMicros("join to first record", "GroupCosts.joinToFirstRecord chronicle", JOIN_MICROS_MAX);
        requireMicros("commit", "GroupCosts.commitAsync chronicle", COMMIT_MICROS_MAX);
        requireRatio("read", "LogRead.read", "RawFile.scanMapped", READ_MIN);
        requireRatio(
                "flush every batch",
                "FlushEveryBatch.sixteenProducers",
                "FlushEveryBatch.oneProducer",
                GROUP_COMMIT_MIN);
        requireMicros("seek and read in 10 GB", "LargeLog.seek", SEEK_MICROS_MAX);
        requireMicros("close and open 10 GB", "LargeLog.reopen", REOPEN_MICROS_MAX);
        for (String rebalance : List.of("join 1", "join 100", "leave 1", "leave 100")) {
            requireMicros("rebalance 100 members", "RebalanceBenchmark." + rebalance, REBALANCE_MICROS_MAX);
        }
        requireNoAllocation("Produce.raw chronicle");
        requireNoAllocation("Produce.rawInRuns chronicle");
        requireNoAllocation("Consume.raw chronicle");
        // Produce.raw memory is not held to it: there the heap is the storage.
        requireNoAllocation("Consume.raw memory");
        for (AppendInTurn.Peer peer : AppendInTurn.Peer.values()) {
            missed |= !AppendInTurn.fork(AppendInTurn.class, peer.name());
        }
        for (String storage : List.of("memory", "chronicle")) {
            missed |= !AppendInTurn.fork(ConsumeInTurn.class, storage);
        }
    }

    private void requireRatio(String what, String name, String baseline, double min) {
        double ratio = median(name) / median(baseline);
        verdict(ratio >= min, "%s: %s / %s = %.2f, must be at least %.2f".formatted(what, name, baseline, ratio, min));
    }

    private void tellRatio(String what, String name, String baseline) {
        System.out.printf("         %s: %s / %s = %.2f%n", what, name, baseline, median(name) / median(baseline));
    }

    private void requireMillions(String what, String name, double min) {
        double millions = median(name) / 1e6;
        verdict(millions >= min, "%s: %s = %.1f M/s, must be at least %.0f".formatted(what, name, millions, min));
    }

    private void requireMicros(String what, String name, double max) {
        double micros = median(name);
        verdict(micros <= max, "%s: %s = %.2f us, must be at most %.0f".formatted(what, name, micros, max));
    }

    private void requireNoAllocation(String name) {
        double bytes = bytesPerRecord(name);
        verdict(
                bytes < BYTES_PER_RECORD_LIMIT,
                "allocation: %s = %.2f B per record, must be 0 but for the opening of the log, so below %.0f"
                        .formatted(name, bytes, BYTES_PER_RECORD_LIMIT));
    }

    /** A benchmark that failed has no result; then the figure is not a number, and nothing holds for that. */
    private void verdict(boolean reached, String text) {
        System.out.println((reached ? "reached  " : "MISSED   ") + text);
        missed |= !reached;
    }

    private double median(String name) {
        RunResult result = results.get(name);
        return result == null
                ? Double.NaN
                : result.getPrimaryResult().getStatistics().getPercentile(50);
    }

    private double bytesPerRecord(String name) {
        RunResult result = results.get(name);
        if (result == null) {
            return Double.NaN;
        }
        Result<?> allocated =
                Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm"));
        return allocated.getStatistics().getPercentile(50);
    }
}
