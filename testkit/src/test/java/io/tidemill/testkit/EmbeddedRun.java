package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What a host application does, as the main class of a JVM of its own; run by {@link EmbeddingTest}. */
final class EmbeddedRun {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final int INODE_COLUMN = 9;

    private EmbeddedRun() {}

    public static void main(String[] args) throws IOException {
        try (Broker inMemory = Broker.inMemory();
                Broker onDisk = Broker.open(ChronicleLog.at(Path.of("data")))) {
            int read = roundTrip(inMemory) + roundTrip(onDisk);
            System.out.println("read=" + read + " sockets=" + sockets());
        }
    }

    /** Internet sockets of this process, listening or not; 0 where the system does not show them as files. */
    private static long sockets() throws IOException {
        Set<String> ours = new HashSet<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            all.map(EmbeddedRun::target)
                    .filter(target -> target.startsWith("socket:"))
                    .forEach(ours::add);
        }
        long count = 0;
        for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/self/net", table))) {
                String[] columns = line.strip().split("\\s+");
                // The JDK itself makes a pair of Unix sockets, which are in none of these tables.
                count += ours.contains("socket:[" + columns[INODE_COLUMN] + "]") ? 1 : 0;
            }
        }
        return count;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            // It was closed meanwhile, as the one that lists this directory is.
            return "";
        }
    }

    private static int roundTrip(Broker broker) {
        Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
        topic.send("k", "v").join();
        try (Consumer<String, String> consumer = topic.consumer()) {
            return consumer.poll(Duration.ofSeconds(10)).size();
        }
    }
}
