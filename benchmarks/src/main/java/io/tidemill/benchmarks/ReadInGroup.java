package io.tidemill.benchmarks;

import io.tidemill.Broker;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.ShareGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A new group reads a partition in memory from its first record to its last, and what it has read of it is written down after
 * every 500: by the one member of a consumer group that may have it, or by members of a share group.
 *
 * <pre>java -jar benchmarks/target/benchmarks.jar ReadInGroup</pre>
 */
@State(Scope.Benchmark)
public class ReadInGroup extends RecordsPerSecond {
    private static final int VALUE_LENGTH = 100;

    /** Who reads. */
    @Param({"consumer group", "share group of 1", "share group of 4"})
    public String shape = "";

    private Broker broker;
    private Topic<byte[], byte[]> topic;
    private int groups;

    /** Writes what will be read. */
    @Setup(Level.Trial)
    public void fill() {
        broker = Broker.inMemory();
        topic = broker.topic("t", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
        CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        for (int i = 0; i < RECORDS; i++) {
            last = topic.send(null, new byte[VALUE_LENGTH]);
        }
        last.join();
    }

    /** From the first to the last. */
    @Benchmark
    public int read() throws InterruptedException, ExecutionException {
        String group = "g" + groups++;
        AtomicInteger left = new AtomicInteger(RECORDS);
        if (shape.startsWith("share")) {
            List<SecondThread> others = new ArrayList<>();
            for (int i = shape.charAt(shape.length() - 1) - '0'; i > 1; i--) {
                others.add(SecondThread.run(() -> share(group, left)));
            }
            share(group, left);
            for (SecondThread other : others) {
                other.join();
            }
        } else {
            consume(group, left);
        }
        return left.get();
    }

    private void share(String group, AtomicInteger left) {
        try (ShareGroup<byte[], byte[]> member = ShareGroup.join(topic, group)) {
            while (left.get() > 0) {
                // Not for longer: one that waits is not told that others have taken the last ones.
                left.addAndGet(-member.poll(Duration.ofMillis(1)).size());
            }
            member.commit();
        }
    }

    private void consume(String group, AtomicInteger left) {
        GroupSettings settings = GroupSettings.defaults().withCommits(CommitPolicy.manual());
        try (ConsumerGroup<byte[], byte[]> member = ConsumerGroup.join(topic, group, settings)) {
            while (left.get() > 0) {
                left.addAndGet(-member.poll(OnePartition.TIMEOUT).size());
                member.commit();
            }
        }
    }

    /** Forgets all of it. */
    @TearDown(Level.Trial)
    public void close() {
        broker.close();
    }
}
