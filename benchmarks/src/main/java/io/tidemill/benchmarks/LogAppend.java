package io.tidemill.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One thread appends to a log, as a lane does it, checksum included. */
@State(Scope.Benchmark)
public class LogAppend extends RecordsPerSecond {
    /** So many records of 100 bytes are the 16 KiB that a lane puts into one batch. */
    static final int LANE_BATCH_RECORDS = 120;

    @Param("" + LANE_BATCH_RECORDS)
    public int batchRecords;

    private OneLog log;

    /** A new log each time, as {@link RawFile} begins a file each time. The first batch creates the file. */
    @Setup(Level.Invocation)
    public void open() {
        log = new OneLog(batchRecords);
        log.append(batchRecords);
    }

    /** Takes out of the ring, stamps, checksums, appends. */
    @Benchmark
    public long append() {
        return log.append(RECORDS);
    }

    /** Looks at everything, and removes it. */
    @TearDown(Level.Invocation)
    public void close() {
        log.check();
        log.close();
    }
}
