package io.tidemill.benchmarks;

import io.tidemill.Broker;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.raw.RawProducer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.agrona.CloseHelper;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Several threads send to several partitions, to each in turn; together as many records as one thread sends in {@link Produce},
 * and on disk.
 */
@State(Scope.Benchmark)
public class ProduceToMany extends RecordsPerSecond {
    private static final int RUN_RECORDS = 4096 / OneLog.RECORD_LENGTH;

    /** Threads that send, and partitions. */
    @Param({"1 to 1", "4 to 4", "1 to 1000"})
    public String shape = "";

    private ScratchDirectory directory;
    private Broker broker;
    /** Of each thread. */
    private List<List<RawProducer>> producers;

    private int partitions;
    private long sent;

    /** Logs that hold nothing yet. */
    @Setup(Level.Iteration)
    public void open() {
        String[] numbers = shape.split(" to ");
        int threads = Integer.parseInt(numbers[0]);
        partitions = Integer.parseInt(numbers[1]);
        directory = new ScratchDirectory();
        broker = Broker.open(ChronicleLog.at(directory.path()));
        Topic<byte[], byte[]> topic =
                broker.topic("records", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(partitions));
        producers = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            List<RawProducer> own = new ArrayList<>();
            for (int partition = thread; partition < partitions; partition += threads) {
                own.add(topic.rawProducer(partition));
            }
            producers.add(own);
        }
        // A file is created by its first batch.
        producers.forEach(own -> send(own, own.size(), 1));
        sent = partitions;
    }

    /** In runs of {@value #RUN_RECORDS} records, 4 KiB. */
    @Benchmark
    public long sendInRuns() throws InterruptedException, ExecutionException {
        return send(RUN_RECORDS);
    }

    /** Record by record, as keys bring it about. */
    @Benchmark
    public long send() throws InterruptedException, ExecutionException {
        return send(1);
    }

    /** Every thread its share. */
    private long send(int runRecords) throws InterruptedException, ExecutionException {
        int share = RECORDS / producers.size();
        List<SecondThread> others = new ArrayList<>();
        for (List<RawProducer> own : producers.subList(1, producers.size())) {
            others.add(SecondThread.run(() -> send(own, share, runRecords)));
        }
        send(producers.get(0), share, runRecords);
        for (SecondThread other : others) {
            other.join();
        }
        sent += (long) share * producers.size();
        return sent;
    }

    private static void send(List<RawProducer> producers, int count, int runRecords) {
        int remaining = count;
        long[] tickets = new long[producers.size()];
        for (int next = 0; remaining > 0; next = (next + 1) % producers.size()) {
            int records = Math.min(runRecords, remaining);
            tickets[next] =
                    OnePartition.putRun(producers.get(next), remaining, records, records * OneLog.RECORD_LENGTH);
            remaining -= records;
        }
        for (int i = 0; i < tickets.length; i++) {
            OnePartition.await(producers.get(i), tickets[i]);
        }
    }

    /** Counts, and removes the logs. */
    @TearDown(Level.Iteration)
    public void close() {
        long stored = broker.describeTopic("records").partitions().stream()
                .mapToLong(partition -> partition.endOffset() - partition.startOffset())
                .sum();
        if (stored != sent) {
            throw new IllegalStateException("wrong number of records: stored=" + stored + ", sent=" + sent);
        }
        producers.forEach(CloseHelper::closeAll);
        CloseHelper.closeAll(broker, directory);
    }
}
