package io.tidemill.benchmarks;

import io.tidemill.batch.RecordFlyweight;
import io.tidemill.spi.LogCursor;
import java.util.SplittableRandom;
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

/** What depends on how large a log is: finding a record, and opening. The log should fit into the machine's memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 10, time = 1)
public class LargeLog {
    private static final long SEED = 1;
    private static final int FILL_RECORDS = 1_000_000;

    /** How large it is. */
    @Param("10")
    public int gigabytes;

    /** As in {@link LogAppend}. */
    @Param("120")
    public int batchRecords;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private OneLog log;
    private LogCursor cursor;
    private RecordFlyweight view;
    private long endOffset;

    /** Writes it, and closes it once. */
    @Setup(Level.Trial)
    public void fill() {
        log = new OneLog(batchRecords);
        long records = gigabytes * 1_000_000_000L / OneLog.RECORD_LENGTH;
        while (log.log().endOffset() < records) {
            log.append(FILL_RECORDS);
        }
        endOffset = log.log().endOffset();
        log.reopen();
        cursor = log.log().newCursor();
        view = new RecordFlyweight();
    }

    /** Goes to some record, and reads it. */
    @Benchmark
    public long seek() {
        long offset = random.nextLong(endOffset);
        long number = OneLog.readNumber(cursor, view, offset);
        if (number != offset) {
            throw new IllegalStateException("wrong record: offset=" + offset + ", number=" + number);
        }
        return number;
    }

    /** Closes it, and opens it again, so that it can be read and appended to. */
    @Benchmark
    @Warmup(iterations = 1, time = 1)
    @Measurement(iterations = 5, time = 1)
    public long reopen() {
        cursor.close();
        log.reopen();
        cursor = log.log().newCursor();
        return log.log().endOffset();
    }

    /** Removes it. */
    @TearDown(Level.Trial)
    public void close() {
        cursor.close();
        log.close();
    }
}
