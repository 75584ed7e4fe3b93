package io.tidemill.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** How long one batch takes from its records to the log, one after the other; rolls to the next file included. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
public class LogAppendLatency {
    /** As in {@link LogAppend}. */
    @Param("120")
    public int batchRecords;

    private OneLog log;

    /** A log that holds nothing yet. */
    @Setup(Level.Iteration)
    public void open() {
        log = new OneLog(batchRecords);
    }

    /** Stages, stamps, checksums, appends. */
    @Benchmark
    public long append() {
        return log.append(batchRecords);
    }

    /** Removes it. */
    @TearDown(Level.Iteration)
    public void close() {
        log.close();
    }
}
