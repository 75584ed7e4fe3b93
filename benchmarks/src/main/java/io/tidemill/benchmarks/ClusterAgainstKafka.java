package io.tidemill.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Three brokers of Tidemill and three of Kafka, which take turns. Both are in one JVM with the producer, on loopback and on disk,
 * with the same heap: {@code acks=all}, idempotent, a topic on all brokers, {@code min.insync.replicas=2}, values of
 * 100 bytes, nothing forced. Each turn begins with a new JVM and warms it up; meanwhile nobody else runs.
 *
 * <pre>
 * mvn -q -ntp -Pkafka package -DskipTests
 * java -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.ClusterAgainstKafka [rounds] [records] [waits] [partitions]
 * </pre>
 */
public final class ClusterAgainstKafka {
    private static final String ROUNDS = "5";
    private static final String RECORDS = "1000000";
    private static final String WAITS = "3000";
    private static final String PARTITIONS = "3";
    private static final int WARMUP_PASSES = 25;
    private static final int PASSES = 5;
    private static final List<String> JVM_ARGS = List.of("-Xms2g", "-Xmx2g");
    /** What Maven's profile {@code kafka} makes. */
    private static final Path KAFKA = Path.of("benchmarks", "kafka", "target");

    private enum Peer {
        TIDEMILL("Tidemill", TidemillCluster.class.getName(), ""),
        KAFKA_AT_ONCE("Kafka, linger 0", "io.tidemill.benchmarks.kafka.KafkaCluster", "0 16384"),
        KAFKA_LINGERING("Kafka, linger 5, 64 KiB", "io.tidemill.benchmarks.kafka.KafkaCluster", "5 65536");

        private final String title;
        private final String mainClass;
        private final String producerArgs;

        Peer(String title, String mainClass, String producerArgs) {
            this.title = title;
            this.mainClass = mainClass;
            this.producerArgs = producerArgs;
        }
    }

    /** @param rate in M records/s */
    private record Turn(double rate, double p50Micros, double p99Micros) {}

    private final int records;
    private final int waits;
    private final int partitions;
    private final Map<Peer, List<Turn>> turns = new EnumMap<>(Peer.class);

    private ClusterAgainstKafka(int records, int waits, int partitions) {
        this.records = records;
        this.waits = waits;
        this.partitions = partitions;
    }

    /** Takes how often each has its turn, how many records it sends at once, how many it waits for, and to how many partitions. */
    public static void main(String[] args) {
        if (!KAFKA.toFile().exists()) {
            throw new IllegalStateException(
                    "Kafka is not there: make it with -Pkafka, and run this where the modules are:" + " directory="
                            + KAFKA.toAbsolutePath());
        }
        int rounds = Integer.parseInt(arg(args, 0, ROUNDS));
        ClusterAgainstKafka comparison = new ClusterAgainstKafka(
                Integer.parseInt(arg(args, 1, RECORDS)),
                Integer.parseInt(arg(args, 2, WAITS)),
                Integer.parseInt(arg(args, 3, PARTITIONS)));
        System.out.printf("%-26s%12s%10s%10s%n", "", "M records/s", "p50 us", "p99 us");
        for (int round = 0; round < rounds; round++) {
            for (Peer peer : Peer.values()) {
                comparison.takeTurn(peer);
            }
        }
        comparison.printMedians();
    }

    private static String arg(String[] args, int index, String otherwise) {
        return args.length > index ? args[index] : otherwise;
    }

    private void takeTurn(Peer peer) {
        String own = System.getProperty("java.class.path");
        String classPath =
                peer == Peer.TIDEMILL ? own : KAFKA.resolve("classes") + ":" + KAFKA.resolve("lib/*") + ":" + own;
        List<Object> args = new ArrayList<>();
        try (ScratchDirectory scratch = new ScratchDirectory()) {
            args.add(scratch.path());
            args.add(partitions);
            if (!peer.producerArgs.isEmpty()) {
                args.addAll(List.of(peer.producerArgs.split(" ")));
            }
            try (ChildJvm child = ChildJvm.start(classPath, JVM_ARGS, peer.mainClass, args.toArray())) {
                child.await(ClusterMeasurement.READY);
                Turn turn = measure(child);
                print(peer.title, turn);
                turnsOf(peer).add(turn);
            }
        }
    }

    private List<Turn> turnsOf(Peer peer) {
        return turns.computeIfAbsent(peer, any -> new ArrayList<>());
    }

    private Turn measure(ChildJvm child) {
        double[] rates = new double[PASSES];
        for (int pass = -WARMUP_PASSES; pass < PASSES; pass++) {
            child.tell(ClusterMeasurement.RATE + " " + records);
            rates[Math.max(pass, 0)] = Double.parseDouble(child.await(ClusterMeasurement.RATE)[0]);
        }
        String[] quantiles = {};
        for (int pass = 0; pass < 2; pass++) {
            child.tell(ClusterMeasurement.WAITS + " " + waits);
            quantiles = child.await(ClusterMeasurement.WAITS);
        }
        return new Turn(
                AppendInTurn.quantile(rates, 0.5), Double.parseDouble(quantiles[0]), Double.parseDouble(quantiles[1]));
    }

    private void printMedians() {
        System.out.println("medians of the turns");
        turns.forEach((peer, ofPeer) -> print(peer.title, median(ofPeer)));
        List<Turn> own = turnsOf(Peer.TIDEMILL);
        for (Peer peer : List.of(Peer.KAFKA_AT_ONCE, Peer.KAFKA_LINGERING)) {
            List<Turn> ratios = new ArrayList<>();
            for (int round = 0; round < own.size(); round++) {
                Turn ours = own.get(round);
                Turn theirs = turnsOf(peer).get(round);
                ratios.add(new Turn(
                        ours.rate() / theirs.rate(),
                        ours.p50Micros() / theirs.p50Micros(),
                        ours.p99Micros() / theirs.p99Micros()));
            }
            Turn ratio = median(ratios);
            System.out.printf(
                    Locale.ROOT,
                    "Tidemill / %s: %.2f times the records, %.3f of p50, %.3f of p99%n",
                    peer.title,
                    ratio.rate(),
                    ratio.p50Micros(),
                    ratio.p99Micros());
        }
    }

    private static Turn median(List<Turn> of) {
        return new Turn(
                AppendInTurn.quantile(of.stream().mapToDouble(Turn::rate).toArray(), 0.5),
                AppendInTurn.quantile(of.stream().mapToDouble(Turn::p50Micros).toArray(), 0.5),
                AppendInTurn.quantile(of.stream().mapToDouble(Turn::p99Micros).toArray(), 0.5));
    }

    private static void print(String title, Turn turn) {
        System.out.printf(
                Locale.ROOT, "%-26s%12.3f%10.0f%10.0f%n", title, turn.rate(), turn.p50Micros(), turn.p99Micros());
    }
}
