package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicSettings;
import io.tidemill.batch.Batches;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Seams;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * P09, the column of the crashing machine: a broker writes to a file system that lies in a file; from one moment to the
 * next that file is copied. What the copy holds had reached the disk, and the rest is lost.
 */
final class PowerLossTest {
    private static final long SEED = 11;
    private static final int IMAGE_BYTES = 24 * 1024 * 1024;
    private static final int SENDS_MAX = 60;
    private static final long FLUSH_MS = 500;
    private static final int FLUSH_MESSAGES = 7;

    @TempDir
    private Path root;

    private TemporaryMount memory;

    @BeforeEach
    void mount() throws IOException {
        memory = TemporaryMount.tmpfs(root.resolve("memory"), "size=200m");
    }

    @AfterEach
    void unmount() throws IOException {
        memory.close();
    }

    /** What the others show is worth nothing unless this one loses something. */
    @Test
    void keepsABeginningOfWhatWasNotFlushed() throws IOException {
        long lost = 0;
        for (int round = 0; round < 3; round++) {
            Outcome outcome = loseAndOpen(FlushSettings.NEVER, SEED + round);
            lost += outcome.acknowledged - outcome.kept;
        }

        assertTrue(lost > 0);
    }

    @Test
    void keepsEverythingThatWasFlushedBeforeItWasAcknowledged() throws IOException {
        keepsWhatWasFlushed(3);
    }

    @Test
    void losesLessThanABatchForWhichAFlushIsDue() throws IOException {
        losesLessThanIsDue(3);
    }

    @Test
    void losesNothingThatIsOlderThanTheTimeOfAFlush() throws IOException {
        losesNothingOld(3);
    }

    /** Z02: a file that is full is forced later, while the next one is written. */
    @Test
    void keepsABeginningOfFilesThatWereFullAndNotYetForced() throws IOException {
        long lost = 0;
        for (int round = 0; round < 5; round++) {
            lost += loseFullFiles(SEED + round);
        }

        assertTrue(lost > 0);
    }

    /** How many records were lost, all of them behind those that were flushed. */
    private long loseFullFiles(long seed) throws IOException {
        RandomGenerator random = new SplittableRandom(seed);
        Path image = memory.path().resolve("image");
        Path copy = memory.path().resolve("copy");
        Path path = memory.path().resolve("disk");
        long flushedOffset = 0;
        long endOffset;
        try (TemporaryMount disk = TemporaryMount.ext4(path, image, IMAGE_BYTES);
                LogStore store = Logs.open(disk.path().resolve("data"))) {
            PartitionLog log = store.openLog(Logs.NAME, LogSettings.defaults().withSegmentBytes(64 * 1024));
            // Who is always late.
            log.maintainedBy(() -> {});
            int batches = random.nextInt(20, 200);
            for (int i = 0; i < batches; i++) {
                Logs.append(log, Batches.numbered(log.endOffset(), random.nextInt(1, 100)));
                if (random.nextInt(batches) == 0) {
                    log.flush();
                    flushedOffset = log.endOffset();
                } else if (random.nextInt(batches) == 0) {
                    log.maintain();
                }
            }
            endOffset = log.endOffset();
            Files.copy(image, copy);
        }
        Files.delete(path);
        Files.delete(image);
        long kept;
        try (TemporaryMount disk = TemporaryMount.image(path, copy)) {
            restartMachine(disk);
            try (LogStore store = Logs.open(disk.path().resolve("data"))) {
                PartitionLog log = store.openLog(Logs.NAME);
                kept = log.endOffset();
                assertTrue(kept >= flushedOffset && kept <= endOffset, "seed=" + seed + ", kept=" + kept);
                Logs.append(log, Batches.numbered(kept, 3));
                assertEquals(kept + 3, Logs.readNumbered(log), "seed=" + seed);
            }
        }
        Files.delete(path);
        Files.delete(copy);
        return endOffset - kept;
    }

    /** Nobody asked for it; but then little is left to flush when a file is full. */
    @Test
    void keepsMostOfALargeFileThatIsWrittenSlowly() throws IOException {
        Path image = memory.path().resolve("image");
        Path copy = memory.path().resolve("copy");
        List<String> sent = new ArrayList<>();
        SetClock clock = new SetClock(0);
        try (TemporaryMount disk = TemporaryMount.ext4(memory.path().resolve("disk"), image, 3 * IMAGE_BYTES);
                Broker broker = open(disk, clock)) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            for (int i = 0; i < 50; i++) {
                sent.add(i + "-".repeat(500_000));
                topic.send("k", sent.get(i)).join();
                clock.advance(100);
                broker.doWork();
            }
            Files.copy(image, copy);
        }
        Files.delete(image);

        int kept = readBeginning(copy, sent, 0);

        assertTrue(kept * 500_000L > 16 * 1024 * 1024, "kept=" + kept);
        assertTrue(kept < 50, "kept=" + kept);
    }

    @Tag("long")
    @Test
    void keepsManyTimesWhatItPromises() throws IOException {
        keepsWhatWasFlushed(100);
        losesLessThanIsDue(100);
        losesNothingOld(100);
    }

    private void keepsWhatWasFlushed(int rounds) throws IOException {
        for (int round = 0; round < rounds; round++) {
            Outcome outcome = loseAndOpen(FlushSettings.EVERY_BATCH, SEED + round);

            assertTrue(outcome.kept >= outcome.acknowledged, outcome::toString);
        }
    }

    private void losesLessThanIsDue(int rounds) throws IOException {
        for (int round = 0; round < rounds; round++) {
            FlushSettings flush = new FlushSettings(FLUSH_MESSAGES, LogSettings.UNLIMITED);
            Outcome outcome = loseAndOpen(flush, SEED + round);

            assertTrue(outcome.acknowledged - outcome.kept < FLUSH_MESSAGES, outcome::toString);
        }
    }

    private void losesNothingOld(int rounds) throws IOException {
        for (int round = 0; round < rounds; round++) {
            Outcome outcome = loseAndOpen(new FlushSettings(LogSettings.UNLIMITED, FLUSH_MS), SEED + round);

            assertTrue(outcome.kept >= outcome.old, outcome::toString);
        }
    }

    /** How many records were acknowledged, how many of them long enough before the loss, and how many were kept. */
    private record Outcome(long seed, int acknowledged, int old, int kept) {}

    private Outcome loseAndOpen(FlushSettings flush, long seed) throws IOException {
        RandomGenerator random = new SplittableRandom(seed);
        Path image = memory.path().resolve("image");
        Path copy = memory.path().resolve("copy");
        List<String> sent = new ArrayList<>();
        List<Long> sentMs = new ArrayList<>();
        SetClock clock = new SetClock(0);
        try (TemporaryMount disk = TemporaryMount.ext4(memory.path().resolve("disk"), image, IMAGE_BYTES)) {
            try (Broker broker = open(disk, clock)) {
                Topic<String, String> topic = broker.topic(
                        "t",
                        Serdes.string(),
                        Serdes.string(),
                        TopicSettings.partitions(1).withSegmentBytes(64 * 1024).withFlush(flush));
                int sends = random.nextInt(1, SENDS_MAX);
                for (int i = 0; i < sends; i++) {
                    String value = i + "-".repeat(random.nextInt(random.nextInt(10) == 0 ? 30_000 : 300));
                    topic.send("k", value).join();
                    sent.add(value);
                    sentMs.add(clock.epochMs());
                    clock.advance(random.nextInt(100));
                    broker.doWork();
                }
                Files.copy(image, copy);
            }
        }
        Files.delete(memory.path().resolve("disk"));
        Files.delete(image);
        int old = (int)
                sentMs.stream().filter(ms -> clock.epochMs() - ms >= FLUSH_MS).count();
        int kept = readBeginning(copy, sent, seed);
        Files.delete(copy);
        return new Outcome(seed, sent.size(), old, kept);
    }

    /** Opens what is left, and goes on with it. Tells how many records it holds; they are the first that were sent. */
    private int readBeginning(Path copy, List<String> sent, long seed) throws IOException {
        Path path = memory.path().resolve("found");
        int count;
        try (TemporaryMount disk = TemporaryMount.image(path, copy)) {
            restartMachine(disk);
            try (Broker broker = open(disk, new SetClock(0))) {
                Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string());
                List<String> read = TopicContent.of(topic).stream()
                        .map(ConsumerRecord::value)
                        .toList();
                count = read.size();
                assertEquals(sent.subList(0, count), read, "seed=" + seed);
                assertEquals(count, topic.send("k", "next").join().offset(), "seed=" + seed);
                assertEquals(count + 1, TopicContent.of(topic).size(), "seed=" + seed);
            }
        }
        Files.delete(path);
        return count;
    }

    /** The owner of the copy runs on this machine, and was not closed on it. */
    private static void restartMachine(TemporaryMount disk) throws IOException {
        Path owner = disk.path().resolve("data").resolve(DirectoryLock.OWNER_FILE);
        if (Files.exists(owner)) {
            Files.writeString(owner, new Owner(1, 1, "another-boot").toText());
        }
    }

    private static Broker open(TemporaryMount disk, SetClock clock) {
        return Broker.open(
                ChronicleLog.at(disk.path().resolve("data")),
                BrokerSettings.defaults(),
                new Seams(clock, Seams.system().parker(), new SplittableRandom(SEED), Threads.manual()));
    }
}
