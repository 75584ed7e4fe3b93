package io.tidemill.benchmarks;

import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawProducer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One thread sends to a partition and another reads it meanwhile; a record counts when it was read. */
@State(Scope.Benchmark)
public class ProduceAndConsume extends RecordsPerSecond {
    /** Where the records go. */
    @Param({"memory", "chronicle"})
    public String storage = "";

    private final Sum sum = new Sum();
    private OnePartition log;
    private RawProducer producer;
    private RawConsumer consumer;
    private long sent;

    /** A log that holds nothing yet. */
    @Setup(Level.Iteration)
    public void open() {
        log = OnePartition.open(storage);
        producer = log.rawProducer();
        consumer = log.rawConsumer();
        sent = 0;
    }

    /** The raw tier on both sides. */
    @Benchmark
    public long raw() throws Exception {
        sum.reset();
        SecondThread reader = SecondThread.run(() -> OnePartition.receive(consumer, sum, RECORDS));
        OnePartition.send(producer, sent, RECORDS);
        reader.join();
        long checked = sum.check(sent, RECORDS);
        sent += RECORDS;
        return checked;
    }

    /** Counts, and removes the log. */
    @TearDown(Level.Iteration)
    public void close() {
        log.checkEnd(sent);
        producer.close();
        consumer.close();
        log.close();
    }
}
