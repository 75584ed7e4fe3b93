package io.tidemill.benchmarks;

import io.tidemill.spi.LogCursor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One thread reads a log from its first record to its last. */
@State(Scope.Benchmark)
public class LogRead extends RecordsPerSecond {
    /** As in {@link LogAppend}. */
    @Param("120")
    public int batchRecords;

    private OneLog log;

    /** Writes what is read. */
    @Setup(Level.Trial)
    public void fill() {
        log = new OneLog(batchRecords);
        log.append(RECORDS);
        log.check();
    }

    /** Every batch is read and its checksum checked. */
    @Benchmark
    public long read() {
        try (LogCursor cursor = log.log().newCursor()) {
            long count = OneLog.readBatches(cursor, RECORDS);
            if (count != RECORDS) {
                throw new IllegalStateException("records are missing: count=" + count);
            }
            return count;
        }
    }

    /** Removes the log. */
    @TearDown(Level.Trial)
    public void close() {
        log.close();
    }
}
