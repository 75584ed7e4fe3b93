package io.tidemill.benchmarks;

import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawProducer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A new reader reads a partition from its first record to its last, all of which were written before. */
@State(Scope.Benchmark)
public class Consume extends RecordsPerSecond {
    /** Where the records are. */
    @Param({"memory", "chronicle"})
    public String storage = "";

    private final Sum sum = new Sum();
    private OnePartition log;
    private UnsafeBuffer value;

    /** Writes what will be read. */
    @Setup(Level.Trial)
    public void fill() {
        log = OnePartition.open(storage);
        try (RawProducer producer = log.rawProducer()) {
            OnePartition.send(producer, 0, RECORDS);
        }
        log.checkEnd(RECORDS);
        value = new UnsafeBuffer(0, 0);
    }

    /** A callback over views. */
    @Benchmark
    public long raw() {
        sum.reset();
        try (RawConsumer consumer = log.rawConsumer()) {
            OnePartition.receive(consumer, sum, RECORDS);
        }
        return sum.check(0, RECORDS);
    }

    /** Lists of records with arrays of their own. */
    @Benchmark
    public long friendly() {
        sum.reset();
        try (Consumer<byte[], byte[]> consumer = log.topic().consumer()) {
            while (sum.count() < RECORDS) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(OnePartition.TIMEOUT)) {
                    value.wrap(record.value());
                    sum.add(value, 0, value.capacity());
                }
            }
        }
        return sum.check(0, RECORDS);
    }

    /** Removes the log. */
    @TearDown(Level.Trial)
    public void close() {
        log.close();
    }
}
