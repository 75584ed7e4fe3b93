package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.SegmentName;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log in many files: it rolls when it should (Z02), is named and kept as said (Z01), and survives every step of a roll. */
final class SegmentedLogTest {
    private static final long SEED = 11;
    private static final LogSettings SMALL = LogSettings.defaults().withSegmentBytes(8 * 1024);

    static {
        JvmAccess.ensureChronicle();
    }

    @TempDir
    private Path root;

    private final SetClock clock = new SetClock(1_000_000);
    private int copies;

    @Test
    void keepsOffsetsDenseOverRollsReopeningsAndOtherSettings() {
        RandomGenerator random = new SplittableRandom(SEED);
        List<byte[]> appended = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            LogSettings settings = LogSettings.defaults()
                    .withSegmentBytes(1L << 10 + random.nextInt(10))
                    .withSegmentMs(50);
            try (LogStore store = open()) {
                PartitionLog log = store.openLog(Logs.NAME, settings);
                int count = random.nextInt(40);
                for (int i = 0; i < count; i++) {
                    // Forward, and sometimes back.
                    clock.advance(random.nextInt(20) - 5);
                    appended.add(Logs.append(log, Batches.numbered(log.endOffset(), 1 + random.nextInt(60))));
                }
                String message = "seed=" + SEED + ", round=" + round;
                Logs.assertBatches(appended, Logs.readAll(log), message);
                assertSeeks(log, appended, random);
            }
        }
        assertTrue(segments().size() > 20);
    }

    /** Nobody waits for it, so no exception could tell. */
    @Test
    void tellsThatASealedFileCouldNotBeForcedBesideTheWriter() throws IOException {
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            log.maintainedBy(() -> {});
            while (segments().isEmpty()) {
                Logs.append(log, Batches.numbered(log.endOffset(), 20));
            }
            assertNull(log.failure());
            Files.delete(segments().get(0));

            log.maintain();

            assertTrue(log.failure() instanceof StorageException, () -> "failure=" + log.failure());
            assertThrows(StorageException.class, log::flush);
        }
    }

    /** What it deletes, the disk may take its time for. */
    @Test
    void deletesFilesBesideTheWriterOrWhenItIsClosed() throws IOException {
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL.withRetentionBytes(0));
            log.maintainedBy(() -> {});
            dropSegments(log);
            assertTrue(log.startOffset() > 0);
            assertEquals(
                    List.of(),
                    segments().stream()
                            .filter(file -> baseOffsetOf(file) >= log.startOffset())
                            .toList());
            assertFalse(segments().isEmpty());

            assertTrue(log.maintain());

            assertEquals(List.of(), segments());

            dropSegments(log);
            assertFalse(segments().isEmpty());
        }
        assertEquals(List.of(), segments());
    }

    private void dropSegments(PartitionLog log) throws IOException {
        long before = segments().size();
        while (segments().size() < before + 3) {
            Logs.append(log, Batches.numbered(log.endOffset(), 20));
        }
        log.deleteOld();
    }

    /** What is forgotten in the middle of that is no failure. */
    @Test
    void forcesFilesWhileTheWriterForgetsSome() throws Exception {
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            log.maintainedBy(() -> {});
            for (int round = 0; round < 20; round++) {
                long keptUpTo = log.endOffset();
                int before = segments().size();
                while (segments().size() < before + 6) {
                    Logs.append(log, Batches.numbered(log.endOffset(), 20));
                }
                Thread maintenance = new Thread(() -> maintainAll(log));
                maintenance.start();
                log.truncate(keptUpTo + 40);
                maintenance.join();
                assertNull(log.failure());
            }
            log.flush();
        }
    }

    private static void maintainAll(PartitionLog log) {
        boolean hasMore = true;
        while (hasMore) {
            hasMore = log.maintain();
        }
    }

    private static void assertSeeks(PartitionLog log, List<byte[]> appended, RandomGenerator random) {
        try (LogCursor cursor = log.newCursor()) {
            for (int i = 0; i < 50 && log.endOffset() > 0; i++) {
                long offset = random.nextLong(log.endOffset());
                cursor.seek(offset);
                int steps = random.nextInt(5);
                for (int step = 0; step <= steps && offset < log.endOffset(); step++) {
                    assertTrue(cursor.next(log.endOffset()));
                    int batch = cursor.batchIndex();
                    assertTrue(BatchLayout.baseOffset(cursor.buffer(), batch) <= offset);
                    offset = BatchLayout.endOffset(cursor.buffer(), batch);
                    byte[] bytes = Batches.bytes(cursor.buffer(), batch);
                    assertTrue(appended.stream().anyMatch(other -> Arrays.equals(other, bytes)));
                }
            }
        }
    }

    @Test
    void rollsBeforeAFileExceedsItsSizeAndNamesItByItsFirstOffset() throws IOException {
        List<Long> baseOffsets = new ArrayList<>();
        long segmentBytes = 0;
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            for (int i = 0; i < 100; i++) {
                Logs.append(log, Batches.numbered(log.endOffset(), 10));
            }
            for (Path segment : segments()) {
                assertTrue(Files.size(segment) <= 8 * 1024, segment::toString);
                segmentBytes += Files.size(segment);
                baseOffsets.add(baseOffsetOf(segment));
            }
            assertTrue(segmentBytes > 30_000);
            for (long baseOffset : baseOffsets) {
                try (LogCursor cursor = log.newCursor()) {
                    cursor.seek(baseOffset);
                    assertTrue(cursor.next(log.endOffset()));
                    assertEquals(baseOffset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                }
            }
        }
    }

    @Test
    void takesABatchThatIsLargerThanAFileMayBe() {
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            List<byte[]> appended = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                appended.add(Logs.append(log, Batches.numbered(log.endOffset(), 1)));
                appended.add(Logs.append(log, Batches.ofBytes(log.endOffset(), 100_000)));
            }

            Logs.assertBatches(appended, Logs.readAll(log), "");
            assertEquals(5, segments().size());
        }
    }

    @Test
    void rollsWhenAFileHasBeenAppendedToForLongEnough() {
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, LogSettings.defaults().withSegmentMs(1_000));
            clock.advance(5_000);
            // The time of an empty file does not count.
            Logs.append(log, Batches.numbered(log.endOffset(), 1));
            clock.advance(999);
            Logs.append(log, Batches.numbered(log.endOffset(), 1));
            assertEquals(0, segments().size());

            clock.advance(1);
            Logs.append(log, Batches.numbered(log.endOffset(), 1));

            assertEquals(1, segments().size());
            clock.advance(999);
            Logs.append(log, Batches.numbered(log.endOffset(), 1));
            assertEquals(1, segments().size());
        }
    }

    @Test
    void neverChangesASealedFile() throws IOException {
        TreeMap<Path, byte[]> before = new TreeMap<>();
        for (int round = 0; round < 4; round++) {
            try (LogStore store = open()) {
                PartitionLog log = store.openLog(Logs.NAME, SMALL);
                for (int i = 0; i < 50; i++) {
                    Logs.append(log, Batches.numbered(log.endOffset(), 10));
                }
            }
            for (Path segment : before.keySet()) {
                assertTrue(Arrays.equals(before.get(segment), Files.readAllBytes(segment)), segment::toString);
            }
            for (Path segment : segments()) {
                before.put(segment, Files.readAllBytes(segment));
            }
        }
    }

    /** A directory as it is after each thing that a roll does, as a process leaves it that is killed there. */
    @Test
    void opensAfterEachStepOfARoll() throws IOException {
        List<byte[]> appended = new ArrayList<>();
        Path before = root.resolve("before");
        Path after = root.resolve("after");
        SegmentName first = new SegmentName(0, 0);
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            while (segments().isEmpty()) {
                if (!appended.isEmpty()) {
                    Directories.delete(before);
                }
                Logs.copy(place(), before);
                appended.add(Logs.append(log, Batches.numbered(log.endOffset(), 10)));
            }
            Logs.copy(place(), after);
        }
        List<byte[]> sealed = appended.subList(0, appended.size() - 1);
        Path directory = Logs.directory(after);
        long size = Files.size(first.sealedFile(directory));

        // Trimmed.
        Path trimmed = copy(before, "trimmed");
        Files.copy(
                first.sealedFile(directory),
                first.activeFile(Logs.directory(trimmed)),
                StandardCopyOption.REPLACE_EXISTING);
        assertHolds(sealed, trimmed);
        // And the index written, half or whole.
        Path indexed = copy(trimmed, "indexed");
        Files.copy(first.indexFile(directory), first.indexFile(Logs.directory(indexed)));
        Files.write(Logs.directory(indexed).resolve("manifest.tmp"), new byte[7]);
        assertHolds(sealed, indexed);
        // And the manifest.
        Path decided = copy(indexed, "decided");
        Files.copy(directory.resolve(Manifest.FILE), Logs.directory(decided).resolve(Manifest.FILE));
        Path opened = assertHolds(sealed, decided);
        assertEquals(size, Files.size(first.sealedFile(Logs.directory(opened))));
        // And renamed; the next one is not there yet.
        Path renamed = copy(decided, "renamed");
        Files.move(first.activeFile(Logs.directory(renamed)), first.sealedFile(Logs.directory(renamed)));
        assertHolds(sealed, renamed);
        // And begun.
        assertHolds(appended, after);
    }

    /** In a sealed file, between two of them, and in the active one. */
    @ParameterizedTest
    @ValueSource(ints = {13, 20, 58})
    void opensAfterEachStepOfATruncation(int kept) throws IOException {
        List<byte[]> appended = fill(60);
        Path before = copy(place(), "before");
        Path after = root.resolve("after");
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            log.truncate(10L * kept + 5);
            assertEquals(10L * kept, log.endOffset());
            Logs.copy(place(), after);
        }

        // The recovery point is gone.
        Path begun = copy(before, "begun");
        Files.delete(Logs.directory(begun).resolve(RecoveryPoint.FILE));
        assertHolds(appended, begun);
        // The manifest is there.
        Path decided = copy(begun, "decided");
        Files.copy(
                Logs.directory(after).resolve(Manifest.FILE),
                Logs.directory(decided).resolve(Manifest.FILE),
                StandardCopyOption.REPLACE_EXISTING);
        assertHolds(appended.subList(0, kept), decided);
        // What does not count is deleted.
        assertHolds(appended.subList(0, kept), after);
        assertTrue(names(after).size() < names(before).size() || kept == 58);
        try (LogStore store = ChronicleLog.at(decided).open(clock)) {
            store.openLog(Logs.NAME, SMALL).close();
        }
        assertEquals(names(after), names(decided));
    }

    @Test
    void opensAfterEachStepOfBeginningElsewhere() throws IOException {
        List<byte[]> appended = fill(60);
        Path before = copy(place(), "before");
        Path after = root.resolve("after");
        try (LogStore store = open()) {
            store.openLog(Logs.NAME, SMALL).beginAt(5_000);
            Logs.copy(place(), after);
        }

        // The recovery point is gone.
        Path begun = copy(before, "begun");
        Files.delete(Logs.directory(begun).resolve(RecoveryPoint.FILE));
        assertHolds(appended, begun);
        // The manifest is there.
        Path decided = copy(begun, "decided");
        Files.copy(
                Logs.directory(after).resolve(Manifest.FILE),
                Logs.directory(decided).resolve(Manifest.FILE),
                StandardCopyOption.REPLACE_EXISTING);
        Path opened = assertHolds(List.of(), decided);
        assertEquals(5_000, baseOffsetOf(segments(opened).get(0)));
        // What does not count is deleted.
        assertEquals(List.of("manifest"), names(after));
        assertHolds(List.of(), after);
        try (LogStore store = ChronicleLog.at(decided).open(clock)) {
            store.openLog(Logs.NAME, SMALL).close();
        }
        assertEquals(names(after), names(decided));
    }

    /** Of what it writes and deletes on the way, each can be refused. */
    @ParameterizedTest
    @ValueSource(strings = {"index", RecoveryPoint.FILE, Manifest.FILE + ".tmp"})
    void keepsEverythingWhenItCannotBeginElsewhere(String refused) throws IOException {
        List<byte[]> appended = fill(60);
        String active = names(place()).stream()
                .filter(name -> name.endsWith(".cq4"))
                .findFirst()
                .orElseThrow();
        String obstacle = refused.equals("index") ? active.replace(".cq4", ".index.tmp") : refused;
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            Path path = Logs.directory(place()).resolve(obstacle);
            Files.deleteIfExists(path);
            Files.createDirectories(path.resolve("occupied"));

            assertThrows(StorageException.class, () -> log.beginAt(5_000));

            assertEquals(0, log.startOffset());
            // Without rolling, which would want the same.
            appended.add(Logs.append(log, Batches.numbered(log.endOffset(), 1)));
            Logs.assertBatches(appended, Logs.readAll(log), obstacle);
            Path killed = copy(place(), "killed");
            Directories.delete(Logs.directory(killed).resolve(obstacle));
            assertHolds(appended, killed);
            Directories.delete(path);
            log.beginAt(5_000);
            Logs.append(log, Batches.numbered(5_000, 10));
        }
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            assertEquals(5_000, log.startOffset());
            assertEquals(5_010, log.endOffset());
        }
    }

    private static List<String> names(Path place) throws IOException {
        try (Stream<Path> files = Files.list(Logs.directory(place))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("metadata.cq4t"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void refusesALogWithoutItsManifest() throws IOException {
        fill(60);
        Files.delete(Logs.directory(place()).resolve(Manifest.FILE));
        List<String> before = names(place());

        try (LogStore store = open()) {
            assertThrows(CorruptRecordException.class, () -> store.openLog(Logs.NAME, SMALL));
        }

        assertEquals(before, names(place()));
    }

    @Test
    void makesAnIndexAgainThatIsMissingOrDamaged() throws IOException {
        List<byte[]> appended = fill(60);
        for (Path segment : segments()) {
            Path index = index(segment);
            Files.delete(index);
        }
        assertHolds(appended, place());
        for (byte[] content : List.of(new byte[0], new byte[] {1, 2, 3}, new byte[100])) {
            for (Path segment : segments()) {
                Files.write(index(segment), content);
            }
            assertHolds(appended, place());
        }
    }

    /** What is sealed was whole: it is not looked at before it is read, and a batch that is damaged is said then. */
    @Test
    void findsDamageInASealedFileWhenItIsRead() throws IOException {
        List<byte[]> appended = fill(60);
        Path second = segments().get(1);
        byte[] bytes = Files.readAllBytes(second);
        bytes[bytes.length / 2] ^= 1;
        Files.write(second, bytes);

        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            List<byte[]> read = new ArrayList<>();
            try (LogCursor cursor = log.newCursor()) {
                CorruptRecordException e = assertThrows(CorruptRecordException.class, () -> {
                    while (cursor.next(log.endOffset())) {
                        read.add(Batches.bytes(cursor.buffer(), cursor.batchIndex()));
                    }
                });
                assertTrue(
                        e.getMessage().contains(second.getFileName().toString().replace(".segment", "")));
                Logs.assertBatches(appended.subList(0, read.size()), read, "");
                long behind = baseOffsetOf(segments().get(2));
                cursor.seek(behind);
                assertTrue(cursor.next(log.endOffset()));
                assertEquals(behind, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
            }
        }
    }

    /** A reader that is on a file while it gets its other name, and one that opens it right then. */
    @Test
    void isReadWhileItRolls() throws Exception {
        int batches = 400;
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            List<Thread> readers = new ArrayList<>();
            List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
            for (int i = 0; i < 2; i++) {
                boolean opensAnew = i == 0;
                readers.add(new Thread(() -> readAll(log, 10L * batches, opensAnew)));
            }
            readers.forEach(reader -> {
                reader.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
                reader.start();
            });
            for (int i = 0; i < batches; i++) {
                Logs.append(log, Batches.numbered(log.endOffset(), 10));
            }
            for (Thread reader : readers) {
                reader.join(60_000);
                assertFalse(reader.isAlive());
            }
            assertEquals(List.of(), failures);
        }
    }

    private static void readAll(PartitionLog log, long endOffset, boolean opensAnew) {
        long nextOffset = 0;
        LogCursor cursor = log.newCursor();
        while (nextOffset < endOffset) {
            if (opensAnew) {
                cursor.close();
                cursor = log.newCursor();
                cursor.seek(nextOffset);
            }
            if (cursor.next(log.endOffset())) {
                assertEquals(nextOffset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
            }
        }
        cursor.close();
    }

    private List<byte[]> fill(int batches) {
        List<byte[]> appended = new ArrayList<>();
        try (LogStore store = open()) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            for (int i = 0; i < batches; i++) {
                appended.add(Logs.append(log, Batches.numbered(log.endOffset(), 10)));
            }
        }
        return appended;
    }

    /** A copy of the place does, and can be appended to; answers where it is. */
    private Path assertHolds(List<byte[]> expected, Path original) throws IOException {
        Path place = copy(original, original.getFileName() + "-opened-" + copies++);
        List<byte[]> all = new ArrayList<>(expected);
        for (int round = 0; round < 2; round++) {
            try (LogStore store = ChronicleLog.at(place).open(clock)) {
                PartitionLog log = store.openLog(Logs.NAME, SMALL);
                Logs.assertBatches(all, Logs.readAll(log), place.toString());
                for (int i = 0; i < 20; i++) {
                    all.add(Logs.append(log, Batches.numbered(log.endOffset(), 10)));
                }
                Logs.assertBatches(all, Logs.readAll(log), place.toString());
            }
        }
        return place;
    }

    private Path copy(Path place, String name) throws IOException {
        return Logs.copy(place, root.resolve(name));
    }

    private Path place() {
        return root.resolve("place");
    }

    private static long baseOffsetOf(Path segment) {
        return Long.parseLong(segment.getFileName().toString().substring(0, 20));
    }

    private LogStore open() {
        return ChronicleLog.at(place()).open(clock);
    }

    private static Path index(Path segment) {
        return segment.resolveSibling(segment.getFileName().toString().replace(".segment", ".index"));
    }

    /** Sealed, in the order of their names. */
    private List<Path> segments() {
        return segments(place());
    }

    private static List<Path> segments(Path place) {
        try (Stream<Path> files = Files.list(Logs.directory(place))) {
            return files.filter(file -> file.toString().endsWith(".segment"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
