package io.tidemill.benchmarks;

import io.tidemill.ConsumerRecord;
import io.tidemill.TopicPartition;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetAndMetadata;
import io.tidemill.raw.RawProducer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What members of groups pay beside reading: to join, and to say how far they have read. What a rebalance costs is apart. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class GroupCosts {
    private static final int COMMITS = 1_000;
    private static final TopicPartition PARTITION = new TopicPartition("records", 0);
    private static final GroupSettings SETTINGS = GroupSettings.defaults().withCommits(CommitPolicy.manual());

    /** Where records and offsets are. */
    @Param({"memory", "chronicle"})
    public String storage = "";

    private OnePartition log;
    private ConsumerGroup<byte[], byte[]> member;
    private long joined;

    /** As many records as commits. */
    @Setup(Level.Trial)
    public void open() {
        log = OnePartition.open(storage);
        try (RawProducer producer = log.rawProducer()) {
            OnePartition.send(producer, 0, COMMITS + 1);
        }
        member = ConsumerGroup.join(log.topic(), "commits", SETTINGS);
    }

    /** The first member of a group that nobody has heard of, and what it reads first. */
    @Benchmark
    public ConsumerRecord<byte[], byte[]> joinToFirstRecord() {
        String group = "group-" + joined++;
        try (ConsumerGroup<byte[], byte[]> newcomer = ConsumerGroup.join(log.topic(), group, SETTINGS)) {
            List<ConsumerRecord<byte[], byte[]>> records = newcomer.poll(OnePartition.TIMEOUT);
            return records.get(0);
        }
    }

    /** One partition each time; the last of them is waited for. */
    @Benchmark
    @OperationsPerInvocation(COMMITS)
    public long commitAsync() {
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
        for (long offset = 1; offset <= COMMITS; offset++) {
            last = member.commitAsync(Map.of(PARTITION, new OffsetAndMetadata(offset)));
        }
        last.join();
        return COMMITS;
    }

    /** One partition, each of them waited for. */
    @Benchmark
    public void commit() {
        member.commit(Map.of(PARTITION, new OffsetAndMetadata(1)));
    }

    /** Removes the log, when the last commit was seen in it. */
    @TearDown(Level.Trial)
    public void close() {
        if (Groups.of(log.topic().broker()).describe("commits").progress().size() != 1) {
            throw new IllegalStateException("no commits");
        }
        member.close();
        log.close();
    }
}
