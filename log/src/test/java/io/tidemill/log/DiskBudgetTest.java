package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.errors.StorageException;
import io.tidemill.raw.RawConsumer;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Seams;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R05: what all topics together may take, and what happens when that is used up. */
final class DiskBudgetTest {
    private static final long SEED = 5;
    private static final int SEGMENT_BYTES = 16 * 1024;
    private static final int BUDGET_BYTES = 256 * 1024;
    /** What three partitions and the metadata reserve ahead while they are small. */
    private static final int RESERVED_BYTES = 4 * 64 * 1024;

    private static final TopicSettings SMALL_FILES = TopicSettings.partitions(1).withSegmentBytes(SEGMENT_BYTES);

    @TempDir
    private Path directory;

    private final SetClock clock = new SetClock(1_000_000);

    @Test
    void oldestRecordsOfAllTopicsMakeRoom() throws IOException {
        RandomGenerator random = new SplittableRandom(SEED);
        try (Broker broker = open(DiskBudget.deletingOldest(BUDGET_BYTES))) {
            Topic<String, String> old = topic(broker, "old", SMALL_FILES);
            fill(old, 100);
            long oldEnd = 100;
            List<Topic<String, String>> topics =
                    List.of(topic(broker, "a", SMALL_FILES), topic(broker, "b", SMALL_FILES));
            for (int i = 0; i < 4_000; i++) {
                fill(topics.get(random.nextInt(2)), 1);
                if (i % 100 == 0) {
                    assertTrue(fileBytes() <= BUDGET_BYTES + RESERVED_BYTES, "seed=" + SEED + ", i=" + i);
                }
            }

            assertEquals(oldEnd, endOffset(old));
            assertTrue(oldEnd - startOffset(old) <= SEGMENT_BYTES / 200, "what is oldest went first");
            for (Topic<String, String> topic : topics) {
                long kept = endOffset(topic) - startOffset(topic);
                assertTrue(startOffset(topic) > 0);
                assertTrue(kept * 200 > BUDGET_BYTES / 4, "kept=" + kept);
            }
        }
    }

    @Test
    void recordsAreRefusedUntilRetentionHasMadeRoom() {
        long end;
        try (Broker broker = open(DiskBudget.refusingWrites(BUDGET_BYTES))) {
            Topic<String, String> topic = topic(broker, "t", SMALL_FILES.withRetention(Duration.ofHours(1)));
            end = fillUntilRefused(topic);
            assertTrue(end * 200 > BUDGET_BYTES / 2 && end * 200 < BUDGET_BYTES, "end=" + end);
            assertEquals(0, startOffset(topic));
        }
        try (Broker broker = open(DiskBudget.refusingWrites(BUDGET_BYTES))) {
            Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string());
            assertTrue(fillUntilRefused(topic) <= end + 1, "it counts what it finds");

            clock.advance(Duration.ofHours(2).toMillis());
            broker.doWork();

            assertTrue(startOffset(topic) > 0);
            fill(topic, 100);
        }
        try (Broker broker = open(DiskBudget.refusingWrites(2 * BUDGET_BYTES))) {
            fill(broker.topic("t", Serdes.string(), Serdes.string()), 500);
        }
    }

    @Test
    void nothingIsDeletedOfTopicsThatKeepEverything() {
        try (Broker broker = open(DiskBudget.deletingOldest(BUDGET_BYTES))) {
            Topic<String, String> forever = topic(broker, "forever", SMALL_FILES.withUnlimitedRetention());
            Topic<String, String> compacted =
                    topic(broker, "compacted", SMALL_FILES.withCleanup(CleanupSettings.of(CleanupPolicy.COMPACT)));
            fill(compacted, 200);
            fillUntilRefused(forever);

            assertEquals(0, startOffset(forever));
            assertEquals(0, startOffset(compacted));
            assertThrows(CompletionException.class, () -> fill(compacted, 100));
        }
    }

    @Test
    void aDeletedLogIsNotCountedAnyMore() {
        try (DirectoryStore store =
                DirectoryStore.open(directory.resolve("store"), clock, DiskBudget.refusingWrites(BUDGET_BYTES))) {
            for (int i = 0; i < 5; i++) {
                try (PartitionLog log = store.openLog("log-" + i)) {
                    for (int batch = 0; batch < 30; batch++) {
                        Logs.appendNumbered(log, 50);
                    }
                }
                store.deleteLog("log-" + i);
            }
        }
    }

    private long fillUntilRefused(Topic<String, String> topic) {
        CompletionException refused = assertThrows(CompletionException.class, () -> fill(topic, 10_000));
        assertInstanceOf(StorageException.class, refused.getCause());
        assertTrue(
                refused.getMessage().contains("disk budget is used up: budgetBytes=" + BUDGET_BYTES),
                () -> refused.toString());
        return endOffset(topic);
    }

    /** Each record takes 200 bytes or a little more. */
    private void fill(Topic<String, String> topic, int count) {
        for (int i = 0; i < count; i++) {
            topic.send("k", "v".repeat(100)).join();
            clock.advance(1);
        }
    }

    private Broker open(DiskBudget budget) {
        return Broker.open(
                ChronicleLog.at(directory.resolve("store")).withBudget(budget),
                BrokerSettings.defaults(),
                new Seams(clock, Seams.system().parker(), new SplittableRandom(SEED), Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker, String name, TopicSettings settings) {
        return broker.topic(name, Serdes.string(), Serdes.string(), settings);
    }

    private static long endOffset(Topic<String, String> topic) {
        try (RawConsumer consumer = topic.rawConsumer(0)) {
            return consumer.endOffset();
        }
    }

    private static long startOffset(Topic<String, String> topic) {
        try (RawConsumer consumer = topic.rawConsumer(0)) {
            return consumer.position();
        }
    }

    private long fileBytes() throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(directory)) {
            all.filter(file -> file.toString().endsWith(".segment")).forEach(files::add);
        }
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        return bytes;
    }
}
