package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.ReadOnlyException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.runtime.ChildProcess;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Seams;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Threads;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * I05: a broker that only reads may be open beside the one that writes, sees all that is complete and nothing else, refuses
 * to write, and leaves no trace.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ReadOnlyTest {
    private static final long SEED = 55;
    private static final LogSettings SMALL = LogSettings.defaults().withSegmentBytes(16 * 1024);

    static {
        JvmAccess.ensureChronicle();
    }

    @TempDir
    private Path root;

    private final SetClock clock = new SetClock(1_000_000);

    // ---- brokers

    @Test
    void consumesWhatAnotherBrokerSendsMeanwhile() {
        try (Broker writer = Broker.open(ChronicleLog.at(root));
                Broker reader = Broker.open(ChronicleLog.at(root).readOnly())) {
            Topic<Integer, String> sent = topic(writer, "sent", 2);
            Topic<Integer, String> seen = reader.topic("sent", Serdes.integer(), Serdes.string());
            assertEquals(Set.of("sent"), reader.topics());
            try (Consumer<Integer, String> consumer = seen.consumer()) {
                for (int i = 0; i < 100; i++) {
                    sent.send(i, "value-" + i).join();

                    List<ConsumerRecord<Integer, String>> records = consumer.poll(Duration.ofSeconds(10));

                    assertEquals(1, records.size());
                    assertEquals(i, records.get(0).key());
                    assertEquals("value-" + i, records.get(0).value());
                }
            }
        }
    }

    @Test
    void seesTopicsThatAreCreatedLater() {
        try (Broker writer = Broker.open(ChronicleLog.at(root));
                Broker reader = Broker.open(ChronicleLog.at(root).readOnly())) {
            assertEquals(Set.of(), reader.topics());
            for (String name : List.of("first", "second", "third")) {
                assertThrows(
                        UnknownTopicOrPartitionException.class,
                        () -> reader.topic(name, Serdes.integer(), Serdes.string()));
                topic(writer, name, 1).send(1, name).join();

                try (Consumer<Integer, String> consumer = topic(reader, name, 1).consumer()) {
                    assertEquals(
                            name, consumer.poll(Duration.ofSeconds(10)).get(0).value());
                }
            }
            assertEquals(Set.of("first", "second", "third"), reader.topics());
        }
    }

    @Test
    void refusesWhateverWouldWrite() throws IOException {
        try (Broker writer = Broker.open(ChronicleLog.at(root))) {
            topic(writer, "topic", 1).send(1, "one").join();
        }
        DirectorySnapshot before = DirectorySnapshot.of(root);
        try (Broker reader = Broker.open(ChronicleLog.at(root).readOnly())) {
            Topic<Integer, String> topic = topic(reader, "topic", 1);
            List<ReadOnlyException> refusals = List.of(
                    assertThrows(ReadOnlyException.class, () -> topic.send(1, "two")),
                    assertThrows(ReadOnlyException.class, () -> topic.rawProducer(0)),
                    assertThrows(ReadOnlyException.class, topic::producer),
                    assertThrows(
                            ReadOnlyException.class, () -> topic.append(0, 0, List.of(ProducerRecord.of(1, "two")))),
                    assertThrows(ReadOnlyException.class, () -> topic(reader, "other", 1)),
                    assertThrows(
                            ReadOnlyException.class, () -> reader.createTopic("other", TopicSettings.partitions(1))));

            refusals.forEach(refusal -> assertTrue(refusal.getMessage().contains(root.toString())));
        }
        try (LogStore store = open()) {
            PartitionLog log = store.openLog("topic-0");
            byte[] batch = Batches.bytes(Batches.numbered(1, 1), 0);
            List<ReadOnlyException> refusals = List.of(
                    assertThrows(ReadOnlyException.class, () -> log.append(Batches.numbered(1, 1), 0, batch.length)),
                    assertThrows(ReadOnlyException.class, () -> log.truncate(0)),
                    assertThrows(ReadOnlyException.class, () -> log.beginAt(5)),
                    assertThrows(ReadOnlyException.class, log::deleteOld),
                    assertThrows(ReadOnlyException.class, log::flush),
                    assertThrows(ReadOnlyException.class, () -> store.deleteLog("topic-0")),
                    assertThrows(
                            ReadOnlyException.class,
                            () -> store.stateFile("state").write(new byte[1])),
                    assertThrows(
                            ReadOnlyException.class,
                            () -> store.stateFile("state").delete()));

            refusals.forEach(refusal -> assertTrue(refusal.getMessage().contains(root.toString())));
            assertNull(store.stateFile("state").read());
        }
        assertEquals(before, DirectorySnapshot.of(root));
    }

    /** On the caller's thread, which has to come back and look although nobody wakes it. */
    @Test
    void followsWithoutThreadsOfItsOwn() {
        Seams seams = new Seams(
                Seams.system().clock(), Seams.system().parker(), Seams.system().random(), Threads.manual());
        try (Broker writer = Broker.open(ChronicleLog.at(root));
                Broker reader = Broker.open(ChronicleLog.at(root).readOnly(), BrokerSettings.defaults(), seams)) {
            Topic<Integer, String> sent = topic(writer, "topic", 1);
            try (Consumer<Integer, String> consumer = topic(reader, "topic", 1).consumer()) {
                for (int i = 0; i < 20; i++) {
                    sent.send(i, "value").join();

                    assertEquals(i, consumer.poll(Duration.ofSeconds(10)).get(0).key());
                }
            }
        }
    }

    private static Topic<Integer, String> topic(Broker broker, String name, int partitions) {
        return broker.topic(name, Serdes.integer(), Serdes.string(), TopicSettings.partitions(partitions));
    }

    // ---- what is there already

    @Test
    void readsAClosedDirectoryAndChangesNothing() throws IOException {
        List<byte[]> appended = new ArrayList<>();
        try (LogStore store = ChronicleLog.at(root).open(clock)) {
            store.stateFile("state").write(new byte[] {7});
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            for (int i = 0; i < 150; i++) {
                appended.addAll(Logs.appendNumbered(log, 1 + i % 10));
            }
        }
        DirectorySnapshot before = DirectorySnapshot.of(root);

        try (LogStore store = open()) {
            assertTrue(store.isReadOnly());
            assertEquals(Set.of(Logs.NAME), store.logNames());
            assertArrayEquals(new byte[] {7}, store.stateFile("state").read());
            PartitionLog log = store.openLog(Logs.NAME);
            Logs.assertBatches(appended, Logs.readAll(log), "");
            assertThrows(IllegalStateException.class, () -> store.openLog(Logs.NAME));
            log.close();
            Logs.assertBatches(appended, Logs.readAll(store.openLog(Logs.NAME)), "");
            assertEquals(0, store.openLog("not-there").endOffset());
        }

        assertEquals(before, DirectorySnapshot.of(root));
    }

    /** A torn batch, the file that a repair had set aside, and what a half-done one left beside it. */
    @Test
    void readsWhatAnUncleanEndLeft() throws IOException {
        List<byte[]> appended = new ArrayList<>();
        Path killed = root.resolve("killed");
        Path place = root.resolve("place");
        try (LogStore store = ChronicleLog.at(place).open(clock)) {
            PartitionLog log = store.openLog(Logs.NAME);
            for (int i = 0; i < 20; i++) {
                appended.addAll(Logs.appendNumbered(log, 5));
            }
            Logs.copy(place, killed);
        }
        Path segment = Logs.segment(killed);
        Path bad = segment.resolveSibling(segment.getFileName() + ".bad");
        tear(segment, appended.get(19));
        List<byte[]> whole = appended.subList(0, 19);

        assertReads(whole, killed);
        Files.move(segment, bad);
        assertReads(whole, killed);
        Files.write(segment, new byte[4096]);
        assertReads(whole, killed);
    }

    private void assertReads(List<byte[]> expected, Path place) throws IOException {
        DirectorySnapshot before = DirectorySnapshot.of(place);
        try (LogStore store = ChronicleLog.at(place).readOnly().open(clock)) {
            Logs.assertBatches(expected, Logs.readAll(store.openLog(Logs.NAME)), "");
        }
        assertEquals(before, DirectorySnapshot.of(place));
    }

    @Test
    void refusesWhatIsNoTidemillDirectoryAndLeavesItAlone() throws IOException {
        Path missing = root.resolve("missing");
        Path foreign = Files.createDirectory(root.resolve("foreign"));

        assertThrows(
                StorageException.class,
                () -> Broker.open(ChronicleLog.at(missing).readOnly()));
        assertThrows(
                StorageException.class,
                () -> Broker.open(ChronicleLog.at(foreign).readOnly()));

        assertFalse(Files.exists(missing));
        assertEquals(List.of(), DirectorySnapshot.of(foreign).names());
    }

    // ---- beside a writer

    @Test
    void followsOverRollsAndRetention() {
        RandomGenerator random = new SplittableRandom(SEED);
        try (LogStore store = ChronicleLog.at(root).open(clock);
                LogStore readStore = open()) {
            Follower early = new Follower(readStore.openLog(Logs.NAME));
            PartitionLog log = store.openLog(Logs.NAME, SMALL.withRetentionBytes(60_000));
            for (int round = 0; round < 200; round++) {
                int appends = random.nextInt(12);
                for (int i = 0; i < appends; i++) {
                    Logs.appendNumbered(log, 1 + random.nextInt(30));
                }
                if (random.nextInt(4) == 0) {
                    log.deleteOld();
                }
                clock.advance(1_000);
                catchUp(early.log, log);

                assertEquals(log.startOffset(), early.log.startOffset(), "seed=" + SEED + ", round=" + round);
                early.readOn();
            }
            assertTrue(log.startOffset() > 0);
        }
    }

    @Test
    void tellsAReaderThatItsRecordsWereDeleted() {
        try (LogStore store = ChronicleLog.at(root).open(clock);
                LogStore readStore = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL.withRetentionBytes(30_000));
            PartitionLog readLog = readStore.openLog(Logs.NAME);
            while (log.endOffset() < 1_000) {
                Logs.appendNumbered(log, 10);
            }
            clock.advance(1_000);
            catchUp(readLog, log);
            log.deleteOld();

            try (LogCursor cursor = readLog.newCursor()) {
                assertThrows(OffsetOutOfRangeException.class, () -> cursor.next(1_000));
                cursor.seek(readLog.startOffset());
                assertTrue(cursor.next(1_000));
            }
            assertEquals(log.startOffset(), readLog.startOffset());
        }
    }

    @Test
    void followsATruncation() {
        try (LogStore store = ChronicleLog.at(root).open(clock);
                LogStore readStore = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            PartitionLog readLog = readStore.openLog(Logs.NAME);
            List<byte[]> appended = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                appended.addAll(Logs.appendNumbered(log, 10));
            }
            clock.advance(1_000);
            catchUp(readLog, log);
            for (int kept : new int[] {95, 40, 40, 7, 0}) {
                log.truncate(10L * kept);
                clock.advance(1_000);
                readLog.refresh();

                assertEquals(10L * kept, readLog.endOffset());
                Logs.assertBatches(appended.subList(0, kept), Logs.readAll(readLog), "kept=" + kept);
                appended = new ArrayList<>(appended.subList(0, kept));
                appended.add(Logs.append(log, Batches.numbered(log.endOffset(), 3)));
                clock.advance(1_000);
                catchUp(readLog, log);
                Logs.assertBatches(appended, Logs.readAll(readLog), "kept=" + kept);
                log.truncate(10L * kept);
                appended.remove(kept);
            }
        }
    }

    @Test
    void followsALogThatBeginsElsewhere() {
        try (LogStore store = ChronicleLog.at(root).open(clock);
                LogStore readStore = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            PartitionLog readLog = readStore.openLog(Logs.NAME);
            try (LogCursor cursor = readLog.newCursor()) {
                for (long startOffset : new long[] {5_000, 5_000, 7_000}) {
                    Logs.appendNumbered(log, 10, 10);
                    clock.advance(1_000);
                    catchUp(readLog, log);
                    log.beginAt(startOffset);
                    clock.advance(1_000);
                    readLog.refresh();

                    assertEquals(startOffset, readLog.startOffset());
                    assertEquals(startOffset, readLog.endOffset());
                    assertEquals(List.of(), Logs.readAll(readLog));
                }
                List<byte[]> appended = Logs.appendNumbered(log, 10, 3);
                clock.advance(1_000);
                catchUp(readLog, log);
                Logs.assertBatches(appended, Logs.readAll(readLog), "");
                cursor.seek(readLog.startOffset());
                assertTrue(cursor.next(log.endOffset()));
                assertArrayEquals(appended.get(0), Batches.bytes(cursor.buffer(), cursor.batchIndex()));
            }
        }
    }

    /** A header that is not set yet, and one that could be seen before what it stands for. */
    @Test
    void waitsForABatchThatIsHalfWritten() throws IOException {
        Path place = root.resolve("place");
        Path copy = root.resolve("copy");
        List<byte[]> appended;
        try (LogStore store = ChronicleLog.at(place).open(clock)) {
            appended = Logs.appendNumbered(store.openLog(Logs.NAME), 5, 6, 7);
            Logs.copy(place, copy);
        }
        Path segment = Logs.segment(copy);
        byte[] bytes = Files.readAllBytes(segment);
        int header = indexOf(bytes, appended.get(2)) - ExcerptLayout.HEADER_LENGTH;
        set(segment, header + 3, bytes[header + 3] | 0x80);
        set(segment, header + 100, bytes[header + 100] ^ 1);
        try (LogStore store = ChronicleLog.at(copy).readOnly().open(clock)) {
            PartitionLog log = store.openLog(Logs.NAME);
            assertLooks(log, 11);
            set(segment, header + 3, bytes[header + 3]);
            assertLooks(log, 11);
            set(segment, header + 100, bytes[header + 100]);
            assertLooks(log, 18);
            Logs.assertBatches(appended, Logs.readAll(log), "");
        }
    }

    private void assertLooks(PartitionLog log, long endOffset) {
        for (int i = 0; i < 3; i++) {
            clock.advance(1_000);
            log.refresh();
            assertEquals(endOffset, log.endOffset());
        }
    }

    // ---- another process

    @Test
    void losesAndInventsNothingWhenTheWriterIsKilled() throws Exception {
        killAndFollow(3);
    }

    @Tag("long")
    @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @Test
    void losesAndInventsNothingWhenTheWriterIsKilledOften() throws Exception {
        killAndFollow(40);
    }

    /** The reader stays open over all writers: they are killed, come back, repair, and go on. */
    private void killAndFollow(int rounds) throws Exception {
        RandomGenerator random = new SplittableRandom(SEED);
        ChronicleLog.at(root).open(clock).close();
        try (LogStore readStore =
                ChronicleLog.at(root).readOnly().open(Seams.system().clock())) {
            Follower follower = new Follower(readStore.openLog(Logs.NAME));
            for (int round = 0; round < rounds; round++) {
                String message = "seed=" + SEED + ", round=" + round;
                long acknowledged = 0;
                try (ChildProcess appender = ChildProcess.start(
                        ProcessKillTest.Appender.class, List.of(), root, SEED + round, 200_000L << random.nextInt(6))) {
                    assertEquals("opening", appender.readLine());
                    int lines = 1 + random.nextInt(1_000);
                    for (int i = 0; i < lines; i++) {
                        acknowledged = Long.parseLong(appender.readLine());
                        if (i % 20 == 0) {
                            follower.log.refresh();
                            follower.readOn();
                        }
                    }
                    appender.kill();
                }
                while (follower.log.endOffset() < acknowledged) {
                    follower.log.refresh();
                    follower.readOn();
                }
                assertTrue(follower.nextOffset >= acknowledged, message);
            }
            try (LogStore store = ChronicleLog.at(root).open(clock)) {
                // The last writer had gone on behind what it said when it was killed.
                long endOffset = store.openLog(Logs.NAME).endOffset();
                while (follower.log.endOffset() < endOffset) {
                    follower.log.refresh();
                    follower.readOn();
                }
                assertEquals(endOffset, follower.nextOffset);
            }
        }
        assertEquals(List.of(), ChronicleLog.at(root).verify().findings());
    }

    /** How far the reader has come is told by offsets alone: each batch must continue the last one. */
    private static final class Follower {
        final PartitionLog log;
        long nextOffset;
        private final LogCursor cursor;
        private final Crc32c crc = new Crc32c();

        Follower(PartitionLog log) {
            this.log = log;
            this.cursor = log.newCursor();
            this.nextOffset = log.startOffset();
        }

        void readOn() {
            while (cursor.next(log.endOffset())) {
                long baseOffset = BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex());
                // Between two looks the retention may be faster than a reader, who is told then.
                assertTrue(baseOffset == nextOffset || baseOffset == log.startOffset());
                Batches.checkNumbered(crc, cursor.buffer(), cursor.batchIndex());
                nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
            }
            assertEquals(log.endOffset(), nextOffset);
        }
    }

    private static void catchUp(PartitionLog readLog, PartitionLog log) {
        long endOffset = -1;
        while (endOffset != readLog.endOffset() || readLog.endOffset() < log.endOffset()) {
            endOffset = readLog.endOffset();
            readLog.refresh();
        }
        assertEquals(log.endOffset(), readLog.endOffset());
    }

    private LogStore open() {
        return ChronicleLog.at(root).readOnly().open(clock);
    }

    private static void tear(Path segment, byte[] batch) throws IOException {
        int position = indexOf(Files.readAllBytes(segment), batch);
        set(segment, position + batch.length / 2, 0x55);
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; ; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
    }

    private static void set(Path file, long position, int value) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(position);
            access.write(value);
        }
    }
}
