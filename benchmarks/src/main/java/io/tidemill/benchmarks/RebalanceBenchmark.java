package io.tidemill.benchmarks;

import io.tidemill.TopicPartition;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.GroupMember;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

/**
 * What it costs that a member joins a group at rest, or leaves it: the decision alone, and all of it until the group is at rest
 * again, that is every heartbeat of every member and the bytes of every event. One thread does it, so where nothing else runs the
 * time is the CPU's.
 *
 * <pre>java -jar benchmarks/target/benchmarks.jar RebalanceBenchmark -p members=1000 -p partitions=10000</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RebalanceBenchmark {
    /** With the one that joins or leaves. */
    @Param("100")
    public int members;

    /** Of all topics together; everybody wants all of them. */
    @Param("1000")
    public int partitions;

    /** Each as large as the others. */
    @Param({"1", "100"})
    public int topics;

    private final Assignor assignor = Assignor.uniform();
    private final Map<String, Integer> counts = new HashMap<>();
    private List<GroupMember> newcomers;
    private List<GroupMember> full;
    private List<GroupMember> oneShort;
    private List<GroupMember> oneNew;

    /** Groups of which one has yet to be led to rest, and those that are. */
    @Setup(Level.Trial)
    public void gather() {
        for (int topic = 0; topic < topics; topic++) {
            counts.put("topic-" + topic, partitions / topics);
        }
        newcomers = new ArrayList<>();
        for (int member = 0; member < members; member++) {
            newcomers.add(new GroupMember("member-%05d".formatted(member), counts.keySet(), Set.of()));
        }
        full = settled(newcomers);
        oneShort = settled(newcomers.subList(0, members - 1));
        oneNew = new ArrayList<>(oneShort);
        oneNew.add(newcomers.get(members - 1));
    }

    private List<GroupMember> settled(List<GroupMember> members) {
        Map<String, Set<TopicPartition>> targets = assignor.assign(members, counts);
        return members.stream()
                .map(member ->
                        new GroupMember(member.name(), member.topics(), targets.getOrDefault(member.name(), Set.of())))
                .toList();
    }

    /** Nobody has anything yet. */
    @Benchmark
    public Map<String, Set<TopicPartition>> assignAnew() {
        return assignor.assign(newcomers, counts);
    }

    /** All but the last have it all. */
    @Benchmark
    public Map<String, Set<TopicPartition>> assignToOneMore() {
        return assignor.assign(oneNew, counts);
    }

    /** From the first heartbeat of the one that is new. */
    @Benchmark
    public long join(AtRest atRest) {
        atRest.oneShort.join(newcomers.get(members - 1).name());
        return atRest.oneShort.comeToRest();
    }

    /** From the farewell of the one that goes. */
    @Benchmark
    public long leave(AtRest atRest) {
        atRest.full.leaveLast();
        return atRest.full.comeToRest();
    }

    /** What is disturbed. An invocation is so long that the clock may be read around it. */
    @State(Scope.Benchmark)
    public static class AtRest {
        private OneGroup full;
        private OneGroup oneShort;

        /** Both anew. */
        @Setup(Level.Invocation)
        public void open(RebalanceBenchmark groups) {
            full = new OneGroup(groups.full, groups.counts);
            oneShort = new OneGroup(groups.oneShort, groups.counts);
        }

        /** Looks whether they are at rest. */
        @TearDown(Level.Invocation)
        public void check() {
            full.check();
            oneShort.check();
        }
    }
}
