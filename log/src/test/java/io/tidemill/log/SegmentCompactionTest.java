package io.tidemill.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchBuilder;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R06, the files: what lies in the directory at every step of a pass, and what is made of it by whoever opens it then. */
final class SegmentCompactionTest {
    private static final int KEYS = 10;
    private static final LogSettings COMPACTED = LogSettings.defaults()
            .withSegmentBytes(8 * 1024)
            .withCleanup(new CleanupSettings(CleanupPolicy.COMPACT, 0, 0, 1_000));

    static {
        JvmAccess.ensureChronicle();
    }

    @TempDir
    private Path root;

    private final SetClock clock = new SetClock(1_000_000);
    private int copies;

    /** A copy of the place is taken while a pass asks whether it is stopped, and opened. */
    @Test
    void opensAfterEachStepOfAPass() {
        List<Path> places = new ArrayList<>();
        List<String> last;
        long endOffset;
        try (LogStore store = open(place())) {
            PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
            fill(log, 40);
            last = lastOfEachKey(log);
            endOffset = log.endOffset();
            AtomicInteger asked = new AtomicInteger();
            log.compact(endOffset, () -> {
                if (asked.getAndIncrement() % 2 == 0) {
                    places.add(copy());
                }
                return false;
            });
            places.add(copy());
            assertEquals(last, lastOfEachKey(log));
        }

        assertTrue(places.size() > 20, "places=" + places.size());
        for (Path place : places) {
            try (LogStore store = open(place)) {
                PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
                assertEquals(endOffset, log.endOffset(), place.toString());
                assertEquals(last, lastOfEachKey(log), place.toString());
                assertOnlyFilesThatCount(place);
                log.compact(endOffset, () -> false);
                assertEquals(last, lastOfEachKey(log), place.toString());
                assertTrue(records(log) < 200, place.toString());
            }
        }
    }

    /** The steps between writing a segment and deleting those it replaces, which nobody can look in between. */
    @Test
    void opensAfterEachStepOfAReplacement() throws IOException {
        List<String> last;
        Path before;
        Path after;
        try (LogStore store = open(place())) {
            PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
            fill(log, 60);
            last = lastOfEachKey(log);
            before = copy();
            log.compact(log.endOffset(), () -> false);
            after = copy();
        }
        List<Path> added = names(after).stream()
                .filter(name -> !names(before).contains(name))
                .toList();
        assertTrue(added.stream().anyMatch(name -> name.toString().endsWith(".segment")));

        // Written beside.
        Path written = copy(before);
        Path work = Files.createDirectory(Logs.directory(written).resolve("compaction"));
        for (Path name : added) {
            Files.copy(Logs.directory(after).resolve(name), work.resolve(name));
        }
        Files.write(work.resolve("metadata.cq4t"), new byte[100]);
        assertHolds(last, 600, written);
        // Moved in, one after the other.
        Path moved = copy(before);
        for (Path name : added) {
            Files.copy(
                    Logs.directory(after).resolve(name), Logs.directory(moved).resolve(name));
            assertHolds(last, 600, copy(moved));
        }
        // Named, and the old ones are there, and go one by one.
        for (int deleted = 0; deleted <= names(before).size(); deleted++) {
            Path named = copy(after);
            List<Path> old = names(before).stream()
                    .filter(name -> !names(after).contains(name))
                    .toList();
            for (Path name : old.subList(Math.min(deleted, old.size()), old.size())) {
                Files.copy(
                        Logs.directory(before).resolve(name),
                        Logs.directory(named).resolve(name));
            }
            assertHolds(last, 200, named);
        }
    }

    @Test
    void leavesOneFileOfManyAndNothingBesideIt() {
        try (LogStore store = open(place())) {
            PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
            fill(log, 60);
            long sealed = segments().size();
            assertTrue(sealed > 5);

            log.compact(log.endOffset(), () -> false);

            assertTrue(segments().size() <= 2, () -> segments().toString());
            assertOnlyFilesThatCount(place());
        }
    }

    /** A reader that was inside reads its file to the end; one that has not opened it finds the one that took its place. */
    @Test
    void readersFindTheirWay() {
        try (LogStore store = open(place())) {
            PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
            fill(log, 60);
            List<byte[]> before = Logs.readAll(log);
            try (LogCursor inside = log.newCursor();
                    LogCursor sought = log.newCursor()) {
                assertTrue(inside.next(log.endOffset()));
                // Its segment is known to it, and its file is not open: there was nothing to read below this limit.
                sought.seek(20);
                assertFalse(sought.next(20));

                log.compact(log.endOffset(), () -> false);

                assertTrue(inside.next(log.endOffset()));
                assertTrue(Arrays.equals(before.get(1), Batches.bytes(inside.buffer(), inside.batchIndex())));
                for (LogCursor cursor : List.of(inside, sought)) {
                    long nextOffset = 20;
                    while (cursor.next(log.endOffset())) {
                        assertTrue(BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()) <= nextOffset);
                        nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                    }
                    assertEquals(log.endOffset(), nextOffset);
                }
            }
        }
    }

    @Test
    void interruptsDisturbNothing() {
        try (LogStore store = open(place())) {
            PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
            fill(log, 60);
            List<String> last = lastOfEachKey(log);
            AtomicInteger asked = new AtomicInteger();

            Thread.currentThread().interrupt();
            log.compact(log.endOffset(), () -> {
                if (asked.incrementAndGet() % 10 == 0) {
                    Thread.currentThread().interrupt();
                }
                return false;
            });

            assertTrue(Thread.interrupted());
            assertEquals(last, lastOfEachKey(log));
            assertTrue(segments().size() <= 2);
        } finally {
            Thread.interrupted();
        }
    }

    /** Rolling and truncating take names too, while a pass is at work. */
    @Test
    void rollsAndTruncationsDuringAPassGetNamesOfTheirOwn() {
        AtomicInteger asked = new AtomicInteger();
        int steps = 0;
        for (int step = 0; asked.get() >= step; step += 9) {
            steps++;
            Path place = root.resolve("step-" + step);
            try (LogStore store = open(place)) {
                PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
                fill(log, 60);
                int truncatingStep = step;
                asked.set(0);
                log.compact(log.endOffset(), () -> {
                    if (asked.incrementAndGet() == truncatingStep) {
                        fill(log, 10);
                        log.truncate(600);
                        fill(log, 10);
                        log.truncate(0);
                        fill(log, 30);
                    }
                    return false;
                });
                List<String> last = lastOfEachKey(log);
                assertOnlyFilesThatCount(place);
                log.compact(log.endOffset(), () -> false);
                assertEquals(last, lastOfEachKey(log));
                assertTrue(records(log) < 200);
            }
            try (LogStore store = open(place)) {
                assertEquals(
                        asked.get() < step || step == 0 ? 600 : 300,
                        store.openLog(Logs.NAME, COMPACTED).endOffset());
            }
        }
        assertTrue(steps > 5, "steps=" + steps);
    }

    /** What is damaged stays as it is, and is told: compaction must not make a whole file of it. */
    @Test
    void leavesADamagedLogAlone() throws IOException {
        try (LogStore store = open(place())) {
            fill(store.openLog(Logs.NAME, COMPACTED), 60);
        }
        Path third = segments().get(2);
        byte[] bytes = Files.readAllBytes(third);
        bytes[bytes.length / 2] ^= 1;
        Files.write(third, bytes);
        List<Path> before = names(place());

        try (LogStore store = open(place())) {
            PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
            for (int i = 0; i < 2; i++) {
                CorruptRecordException e =
                        assertThrows(CorruptRecordException.class, () -> log.compact(log.endOffset(), () -> false));
                assertTrue(
                        e.getMessage().contains(third.getFileName().toString().replace(".segment", "")));
            }
        }

        assertEquals(before, names(place()).stream().filter(before::contains).toList());
        assertTrue(Arrays.equals(bytes, Files.readAllBytes(third)));
    }

    @Test
    void rebuildsTheIndexOfACompactedFile() throws IOException {
        List<String> last;
        try (LogStore store = open(place())) {
            PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
            fill(log, 60);
            log.compact(log.endOffset(), () -> false);
            last = lastOfEachKey(log);
        }
        for (Path segment : segments()) {
            Files.delete(segment.resolveSibling(segment.getFileName().toString().replace(".segment", ".index")));
        }

        assertHolds(last, 200, place());
    }

    /** Offset and text of the last record of each key. */
    static List<String> lastOfEachKey(PartitionLog log) {
        String[] last = new String[KEYS];
        long nextOffset = log.startOffset();
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                assertEquals(nextOffset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                RecordFlyweight record = new RecordFlyweight();
                record.enter(cursor.buffer(), cursor.batchIndex());
                int end = BatchLayout.frameLength(cursor.buffer(), cursor.batchIndex());
                int next = BatchLayout.HEADER_LENGTH;
                while (next < end) {
                    next = record.moveTo(next);
                    String key = record.buffer().getStringWithoutLengthUtf8(record.keyIndex(), record.keyLength());
                    String value =
                            record.buffer().getStringWithoutLengthUtf8(record.valueIndex(), record.valueLength());
                    last[Integer.parseInt(key)] = record.offset() + " " + value;
                }
            }
        }
        assertEquals(log.endOffset(), nextOffset);
        return Arrays.asList(last);
    }

    static int records(PartitionLog log) {
        return Logs.readAll(log).stream()
                .mapToInt(batch -> BatchLayout.recordCount(new UnsafeBuffer(batch), 0))
                .sum();
    }

    /** So many batches, in each a record of each key. */
    static void fill(PartitionLog log, int batches) {
        for (int i = 0; i < batches; i++) {
            BatchBuilder builder = new BatchBuilder();
            for (int key = 0; key < KEYS; key++) {
                byte[] value = ("value of " + (log.endOffset() + key)).getBytes(UTF_8);
                UnsafeBuffer record =
                        Batches.record(-1, Integer.toString(key).getBytes(UTF_8), Arrays.copyOf(value, 60));
                builder.add(record, 0, record.capacity(), 1_000_000);
            }
            builder.finish(log.endOffset());
            log.append(builder.buffer(), 0, builder.length());
        }
    }

    private void assertHolds(List<String> last, int recordsMax, Path place) {
        for (int round = 0; round < 2; round++) {
            try (LogStore store = open(place)) {
                PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
                assertEquals(last, lastOfEachKey(log), place.toString());
                assertTrue(records(log) <= recordsMax);
                assertOnlyFilesThatCount(place);
            }
        }
    }

    private void assertOnlyFilesThatCount(Path place) {
        try {
            Manifest manifest = Manifest.read(Logs.directory(place));
            assertEquals(List.of(), manifest.leftovers(Logs.directory(place)));
            assertFalse(Files.exists(Logs.directory(place).resolve("compaction")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path copy() {
        return copy(place());
    }

    private Path copy(Path place) {
        try {
            return Logs.copy(place, root.resolve("copy-" + copies++));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path place() {
        return root.resolve("place");
    }

    private LogStore open(Path place) {
        return ChronicleLog.at(place).open(clock);
    }

    private static List<Path> names(Path place) {
        try (Stream<Path> files = Files.list(Logs.directory(place))) {
            return files.map(Path::getFileName).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sealed, in the order of their names. */
    private List<Path> segments() {
        return names(place()).stream()
                .filter(name -> name.toString().endsWith(".segment"))
                .map(Logs.directory(place())::resolve)
                .toList();
    }
}
