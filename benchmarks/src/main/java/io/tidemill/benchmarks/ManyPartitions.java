package io.tidemill.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemill.Broker;
import io.tidemill.ProducerRecord;
import io.tidemill.RecordMetadata;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Prints what a partition costs, empty and in use: time, disk, resident memory, mappings, descriptors. Linux only.
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.ManyPartitions 1000 5000</pre>
 */
public final class ManyPartitions {
    private static final Path SELF = Path.of("/proc/self");

    private final int partitions;
    private final Path directory;
    private long startNs;

    private ManyPartitions(int partitions, Path directory) {
        this.partitions = partitions;
        this.directory = directory;
    }

    /**
     * See above.
     *
     * @param args how many partitions, once or several times
     */
    public static void main(String[] args) throws IOException {
        // Once for nothing: what a JVM pays once is not the price of a partition.
        measure(1, false);
        for (String partitions : args.length == 0 ? new String[] {"1000"} : args) {
            measure(Integer.parseInt(partitions), true);
        }
    }

    private static void measure(int partitions, boolean isPrinted) throws IOException {
        try (ScratchDirectory directory = new ScratchDirectory()) {
            new ManyPartitions(partitions, directory.path()).run(isPrinted);
        }
    }

    private void run(boolean isPrinted) throws IOException {
        Cost before = Cost.now(directory);
        start();
        Cost empty;
        Cost active;
        double createMs;
        double appendMs;
        double closeMs;
        try (Broker broker = Broker.open(ChronicleLog.at(directory))) {
            Topic<byte[], byte[]> topic =
                    broker.topic("t", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(partitions));
            createMs = lapMs();
            empty = Cost.now(directory);
            start();
            List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < partitions; i++) {
                sent.add(topic.send(new ProducerRecord<>(
                        i, ProducerRecord.NO_TIMESTAMP, null, new byte[Payload.LENGTH], List.of())));
            }
            sent.forEach(CompletableFuture::join);
            appendMs = lapMs();
            active = Cost.now(directory);
            start();
        }
        closeMs = lapMs();
        Cost closed = Cost.now(directory);
        start();
        Broker again = Broker.open(ChronicleLog.at(directory));
        double openMs = lapMs();
        Cost opened = Cost.now(directory);
        start();
        again.close();
        double closeUnusedMs = lapMs();
        if (isPrinted) {
            System.out.printf("%n%,d partitions, of which each costs%n", partitions);
            System.out.printf(
                    "%-34s %10s %12s %12s %10s %12s%n", "", "ms", "disk KiB", "RSS KiB", "mappings", "descriptors");
            print("created, and empty", createMs, empty, before);
            print("with one record, in use", appendMs, active, before);
            print("closed", closeMs, closed, before);
            print("opened again, not used yet", openMs, opened, before);
            System.out.printf("%-34s %10.3f%n", "closed again", closeUnusedMs / partitions);
        }
    }

    private void print(String what, double ms, Cost cost, Cost before) {
        System.out.printf(
                "%-34s %10.3f %12.1f %12.1f %10.2f %12.2f%n",
                what,
                ms / partitions,
                (double) (cost.diskKiB - before.diskKiB) / partitions,
                (double) (cost.residentKiB - before.residentKiB) / partitions,
                (double) (cost.mappings - before.mappings) / partitions,
                (double) (cost.descriptors - before.descriptors) / partitions);
    }

    private void start() {
        startNs = System.nanoTime();
    }

    private double lapMs() {
        return (System.nanoTime() - startNs) / 1e6;
    }

    private record Cost(long diskKiB, long residentKiB, long mappings, long descriptors) {
        static Cost now(Path directory) throws IOException {
            System.gc();
            return new Cost(
                    readDiskKiB(directory),
                    readResidentKiB(),
                    lines(SELF.resolve("maps")),
                    entries(SELF.resolve("fd")));
        }

        /** What is allocated, which Java does not tell: a file may be longer than that. */
        private static long readDiskKiB(Path directory) throws IOException {
            Process du = new ProcessBuilder("du", "-sk", directory.toString()).start();
            String output = new String(du.getInputStream().readAllBytes(), US_ASCII);
            return Long.parseLong(output.substring(0, output.indexOf('\t')));
        }

        private static long readResidentKiB() throws IOException {
            for (String line : Files.readAllLines(SELF.resolve("status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
            throw new IOException("no VmRSS in /proc/self/status");
        }

        private static long lines(Path file) throws IOException {
            return Files.readAllLines(file).size();
        }

        private static long entries(Path path) throws IOException {
            try (Stream<Path> entries = Files.list(path)) {
                return entries.count();
            }
        }
    }
}
