package io.tidemill.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.agrona.CloseHelper;

/**
 * How long it takes from the {@code kill -9} of a leader until a record is acknowledged in another JVM, which was sent since then, with
 * {@code acks=all}. Three brokers on disk, each in a JVM of its own; the one that was killed is started again before the next one is.
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.Failover defaults|tuned [kills]</pre>
 */
public final class Failover implements AutoCloseable {
    private static final int KILLS = 20;
    private static final int WARMUP_KILLS = 2;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    /** They share a few processors. */
    private static final List<String> JVM_ARGS = List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /** Session, heartbeat and election time-out in ms, and within how many ms it must go on. */
    private record Times(long session, long heartbeat, long election, double goOnMax) {}

    private static final Map<String, Times> TIMES =
            Map.of("defaults", new Times(1_500, 300, 500, 3_000), "tuned", new Times(150, 25, 60, 300));

    private final Times times;
    private final ScratchDirectory scratch = new ScratchDirectory();
    private final String ports = ThreeBrokers.freeAddresses().values().stream()
            .map(address -> Integer.toString(address.getPort()))
            .collect(Collectors.joining(","));
    private final Map<Integer, ChildJvm> members = new TreeMap<>();

    private Failover(Times times) {
        this.times = times;
    }

    /** See above. */
    public static void main(String[] args) {
        String name = args.length > 0 ? args[0] : "defaults";
        Times times = TIMES.get(name);
        if (times == null) {
            throw new IllegalArgumentException("unknown times: name=" + name + ", known=" + TIMES.keySet());
        }
        try (Failover failover = new Failover(times)) {
            failover.run(args.length > 1 ? Integer.parseInt(args[1]) : KILLS);
        }
    }

    private void run(int kills) {
        for (int id = 1; id <= ThreeBrokers.COUNT; id++) {
            start(id);
        }
        System.out.println(times);
        System.out.println("after ms: another controller (0 if it lives), another leader, first success");
        double[] successes = new double[kills];
        for (int kill = -WARMUP_KILLS; kill < kills; kill++) {
            successes[Math.max(kill, 0)] = killLeader(Math.floorMod(kill, FailoverMember.PARTITIONS));
        }
        double max = Arrays.stream(successes).max().orElseThrow();
        System.out.printf(
                Locale.ROOT,
                "%s  first success after ms: median %.0f, p90 %.0f, max %.0f, must be at most %.0f%n",
                max <= times.goOnMax() ? "reached" : "MISSED ",
                AppendInTurn.quantile(successes, 0.5),
                AppendInTurn.quantile(successes, 0.9),
                max,
                times.goOnMax());
    }

    private void start(int id) {
        List<Object> args = new ArrayList<>(List.of(scratch.path().resolve("broker-" + id), id, ports));
        args.addAll(List.of(times.session(), times.heartbeat(), times.election()));
        members.put(
                id,
                ChildJvm.start(
                        System.getProperty("java.class.path"),
                        JVM_ARGS,
                        FailoverMember.class.getName(),
                        args.toArray()));
    }

    private double killLeader(int partition) {
        awaitAllInSync();
        int leader = leader(describe(1)[1 + partition]);
        ChildJvm client = member(leader % ThreeBrokers.COUNT + 1);
        client.tell(FailoverMember.SEND + " " + partition);
        client.await(FailoverMember.SENDING);
        client.tell(FailoverMember.KILL + " " + leader + " " + member(leader).pid());
        String[] survived = client.await(FailoverMember.SURVIVED);
        System.out.printf(
                "broker %d, partition %d: %7s %7s %7s%n", leader, partition, survived[0], survived[1], survived[2]);
        member(leader).close();
        start(leader);
        return Double.parseDouble(survived[2]);
    }

    private ChildJvm member(int id) {
        ChildJvm member = members.get(id);
        if (member == null) {
            throw new IllegalArgumentException("no such broker: brokerId=" + id);
        }
        return member;
    }

    /** The controller, and of each partition the leader and how many are in sync, as a broker says. */
    private String[] describe(int id) {
        member(id).tell(FailoverMember.DESCRIBE);
        return member(id).await(FailoverMember.DESCRIBED);
    }

    private static int leader(String partition) {
        return Integer.parseInt(partition.split(":")[0]);
    }

    private void awaitAllInSync() {
        String suffix = ":" + ThreeBrokers.COUNT;
        for (int id : members.keySet()) {
            while (!Arrays.stream(describe(id)).skip(1).allMatch(partition -> partition.endsWith(suffix))) {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(members.values());
        scratch.close();
    }
}
