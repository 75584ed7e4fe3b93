package io.tidemill.benchmarks;

import io.tidemill.RecordMetadata;
import io.tidemill.raw.RawProducer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One thread sends to one partition; a record counts when it is written, not when it is accepted. */
@State(Scope.Benchmark)
public class Produce extends RecordsPerSecond {
    private static final int RUN_BYTES = 4096;

    /** Where the records go. */
    @Param({"memory", "chronicle"})
    public String storage = "";

    private final byte[] value = new byte[Payload.LENGTH];
    private OnePartition log;
    private RawProducer producer;
    private UnsafeBuffer valueBuffer;
    private long sent;

    /** A log that holds nothing yet. */
    @Setup(Level.Iteration)
    public void open() {
        log = OnePartition.open(storage);
        producer = log.rawProducer();
        valueBuffer = new UnsafeBuffer(value);
        sent = 0;
    }

    /** Claims room in the ring, encodes in place, commits. */
    @Benchmark
    public long raw() {
        long ticket = OnePartition.send(producer, sent, RECORDS);
        sent += RECORDS;
        return ticket;
    }

    /** Hands over about thirty records at a time. */
    @Benchmark
    public long rawInRuns() {
        long ticket = OnePartition.sendInRuns(producer, sent, RECORDS, RUN_BYTES);
        sent += RECORDS;
        return ticket;
    }

    /** Sends arrays, and gets a future for each. */
    @Benchmark
    public RecordMetadata friendly() throws Exception {
        CompletableFuture<RecordMetadata> last = CompletableFuture.failedFuture(new IllegalStateException("none sent"));
        for (int i = 0; i < RECORDS; i++) {
            Payload.encode(valueBuffer, 0, sent++);
            last = log.topic().send(null, value);
        }
        // One partition and one sender: its offset tells that all before it were appended, too.
        return last.get(OnePartition.TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Counts, and removes the log. */
    @TearDown(Level.Iteration)
    public void close() {
        log.checkEnd(sent);
        producer.close();
        log.close();
    }
}
