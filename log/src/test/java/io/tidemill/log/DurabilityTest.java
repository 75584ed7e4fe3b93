package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicSettings;
import io.tidemill.runtime.ChildProcess;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.agrona.IoUtil;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** P09, the cells beside those of {@link PowerLossTest}: for each flush setting a killed process, and a lost disk. */
final class DurabilityTest {
    private static final long SEED = 17;
    private static final int MANY = 1_000;
    private static final long MANY_MS = 1_000_000;

    @TempDir
    private Path root;

    private static Stream<FlushSettings> flushSettings() {
        return Stream.of(FlushSettings.NEVER, new FlushSettings(MANY, MANY_MS), FlushSettings.EVERY_BATCH);
    }

    /** Sends one record that is acknowledged, and one that is not, because nobody does the broker's work. */
    static final class Sender {
        public static void main(String[] args) throws Exception {
            Broker broker = open(Path.of(args[0]));
            FlushSettings flush = new FlushSettings(Long.parseLong(args[1]), Long.parseLong(args[2]));
            Topic<String, String> topic = broker.topic(
                    "t",
                    Serdes.string(),
                    Serdes.string(),
                    TopicSettings.partitions(1).withFlush(flush));
            topic.send("k", "acknowledged").join();
            CompletableFuture<?> second = topic.send("k", "sent");
            System.out.println(second.isDone());
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @ParameterizedTest
    @MethodSource("flushSettings")
    void aKilledProcessLeavesWhatWasAcknowledged(FlushSettings flush) throws Exception {
        try (ChildProcess sender = ChildProcess.start(Sender.class, List.of(), root, flush.messages(), flush.ms())) {
            assertEquals("false", sender.readLine());
            sender.kill();
        }

        try (Broker broker = open(root)) {
            Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string());
            assertEquals(
                    List.of("acknowledged"),
                    TopicContent.of(topic).stream().map(ConsumerRecord::value).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("flushSettings")
    void aLostDiskLeavesNothingAndABeginningIsMadeOnTheNextOne(FlushSettings flush) throws IOException {
        TopicSettings settings = TopicSettings.partitions(1).withFlush(flush);
        Path disk = root.resolve("disk");
        try (Broker broker = open(disk)) {
            broker.topic("t", Serdes.string(), Serdes.string(), settings)
                    .send("k", "acknowledged")
                    .join();
        }
        IoUtil.delete(disk.toFile(), false);

        try (Broker broker = open(disk)) {
            assertFalse(broker.topics().contains("t"));
            Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string(), settings);
            assertTrue(TopicContent.of(topic).isEmpty());
            assertEquals(0, topic.send("k", "first").join().offset());
        }
    }

    private static Broker open(Path directory) {
        return Broker.open(
                ChronicleLog.at(directory),
                BrokerSettings.defaults(),
                new Seams(new SetClock(0), Seams.system().parker(), new SplittableRandom(SEED), Threads.manual()));
    }
}
