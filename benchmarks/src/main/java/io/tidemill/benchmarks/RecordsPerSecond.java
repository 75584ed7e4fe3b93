package io.tidemill.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What all benchmarks have in common. An invocation handles {@value #RECORDS} records from the first to the last, so JMH's
 * operations per second are records per second.
 *
 * <p>The times are short on purpose: what an iteration writes, a gigabyte or so, goes to fresh files and is removed before
 * the next one begins. Nothing is flushed while time is taken, and the operating system does not begin to write by itself
 * that early: the page cache is measured, not the disk. The heap is touched beforehand, for the same reason that the machine
 * is warmed up: its first page faults would be what is measured.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(RecordsPerSecond.RECORDS)
@Fork(
        value = 2,
        jvmArgsAppend = {"-Xms3g", "-Xmx3g", "-XX:+AlwaysPreTouch"})
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 8, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public abstract class RecordsPerSecond {
    static final int RECORDS = 1_000_000;
}
