package io.tidemill.benchmarks;

import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.groups.ConsumerGroup;
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
    private int groups;
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
        return receiveAll(log.topic().consumer());
    }

    /** The same by the only member of a new group, which commits how far it has read. */
    @Benchmark
    public long group() {
        return receiveAll(ConsumerGroup.join(log.topic(), "group-" + groups++));
    }

    private long receiveAll(Consumer<byte[], byte[]> opened) {
        sum.reset();
        try (Consumer<byte[], byte[]> consumer = opened) {
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
