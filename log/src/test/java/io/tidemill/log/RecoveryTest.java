package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.log.chronicle.SegmentName;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * I01: a read gives right data or an exception, whatever happened to the file. I02: after a cut or zeros from any byte on,
 * the longest valid prefix is kept, and what is appended to it is there.
 */
final class RecoveryTest {
    private static final long SEED = 20_240_229;

    @TempDir
    private Path temporary;

    private final RandomGenerator random = new SplittableRandom(SEED);
    private StoredLog closed;
    private StoredLog killed;
    private int roots;

    @BeforeEach
    void storeALog() throws IOException {
        Path root = temporary.resolve("original");
        List<byte[]> batches = new ArrayList<>();
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            for (int i = 0; i < 40; i++) {
                batches.addAll(Logs.appendNumbered(log, random.nextInt(1, 12)));
            }
            killed = StoredLog.of(root, batches);
        }
        closed = StoredLog.of(root, batches);
    }

    /** How the store came to its end before the bytes changed. */
    enum End {
        CLOSED,
        KILLED,
        POWER_LOST
    }

    private StoredLog stored(End end) {
        return end == End.CLOSED ? closed : killed;
    }

    @ParameterizedTest
    @EnumSource
    void opensWhatIsWholeAndAppendsToIt(End end) throws IOException {
        StoredLog stored = stored(end);

        assertPrefix(
                stored, end, stored.bytes(), stored.size(), stored.batches().size(), "untouched");
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheLongestValidPrefixOfAFileThatWasCut(End end) throws IOException {
        cut(end, 5);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void keepsTheLongestValidPrefixOfAFileThatWasCutManyTimes(End end) throws IOException {
        cut(end, 300);
    }

    private void cut(End end, int times) throws IOException {
        StoredLog stored = stored(end);
        for (int cut : positions(stored, times)) {
            byte[] bytes = Arrays.copyOf(stored.bytes(), Math.min(cut, stored.bytes().length));

            assertPrefix(stored, end, bytes, cut, stored.batchesBelow(cut), "cut at " + cut);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheLongestValidPrefixOfAFileThatEndsInZeros(End end) throws IOException {
        zero(end, 5);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void keepsTheLongestValidPrefixOfAFileThatEndsInZerosManyTimes(End end) throws IOException {
        zero(end, 300);
    }

    private void zero(End end, int times) throws IOException {
        StoredLog stored = stored(end);
        for (int from : positions(stored, times)) {
            byte[] bytes = stored.bytes().clone();
            Arrays.fill(bytes, Math.min(from, bytes.length), bytes.length, (byte) 0);

            int expected = 0;
            while (expected < stored.batches().size() && stored.isSame(expected, bytes)) {
                expected++;
            }
            assertPrefix(stored, end, bytes, stored.size(), expected, "zeros from " + from);
        }
    }

    @Test
    void cutsOffABatchThatWasNeverFinished() throws IOException {
        int last = killed.batches().size() - 1;
        for (int i = 0; i < 20; i++) {
            byte[] bytes = killed.bytes().clone();
            int start = killed.position(last);
            // Chronicle copies first, and writes the header when that is done.
            Arrays.fill(bytes, start, start + ExcerptLayout.HEADER_LENGTH, (byte) 0);
            int copied = random.nextInt(start + 4, killed.endPosition(last));
            Arrays.fill(bytes, copied, killed.endPosition(last), (byte) 0);

            assertPrefix(killed, End.KILLED, bytes, killed.size(), last, "copied up to " + copied);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 10_000, 100_000})
    void cutsOffGarbageBehindTheEnd(int distance) throws IOException {
        int end = killed.endPosition(killed.batches().size() - 1);
        byte[] bytes = Arrays.copyOf(killed.bytes(), end + distance + 1);
        bytes[end + distance] = 1;

        assertPrefix(killed, End.KILLED, bytes, killed.size(), killed.batches().size(), "distance=" + distance);
    }

    @Test
    void beginsAgainWhenTheRewriteWasInterrupted() throws IOException {
        byte[] torn = Arrays.copyOf(killed.bytes(), killed.position(30) + BatchLayout.HEADER_LENGTH);
        for (int written : new int[] {-1, 0, 2, killed.position(3), killed.position(20), torn.length}) {
            Path root = newRoot();
            killed.writeTo(root, torn, killed.size());
            Path segment = Logs.segment(root);
            Files.move(segment, segment.resolveSibling(segment.getFileName() + ".bad"));
            if (written >= 0) {
                Files.write(segment, Arrays.copyOf(killed.bytes(), written));
            }
            Files.write(new SegmentName(0, 0).precreatedFile(Logs.directory(root)), new byte[100]);

            assertPrefix(killed, root, 30, "written=" + written);
        }
    }

    @Test
    void dropsAFileThatWasNeverACompleteSegment() throws IOException {
        for (byte first : new byte[] {0, (byte) 0x80}) {
            byte[] bytes = new byte[4096];
            bytes[3] = first;

            assertPrefix(killed, End.KILLED, bytes, 20 << 20, 0, "first=" + first);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsRightDataOrNoneAfterABitFlip(End end) throws IOException {
        flip(end, 40);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void readsRightDataOrNoneAfterABitFlipManyTimes(End end) throws IOException {
        flip(end, 1000);
    }

    private void flip(End end, int times) throws IOException {
        StoredLog stored = stored(end);
        int last = stored.batches().size() - 1;
        for (int i = 0; i < times; i++) {
            int bit = i < times / 4
                    ? random.nextInt(stored.position(0) * Byte.SIZE)
                    : random.nextInt(stored.endPosition(last) * Byte.SIZE);
            assertFlip(end, bit);
        }
    }

    /** Then nothing of it is looked at, and what follows does not continue the log. */
    @ParameterizedTest
    @EnumSource
    void losesNothingElseWithABatchThatLooksLikeMetadata(End end) throws IOException {
        StoredLog stored = stored(end);
        for (int batch = 0; batch < stored.batches().size(); batch++) {
            assertFlip(end, stored.position(batch) * Byte.SIZE + 30);
        }
    }

    /** The length of what Chronicle keeps in front of the batches may say that they belong to that. */
    @ParameterizedTest
    @EnumSource
    void losesNoBatchToALengthThatReachesOverIt(End end) throws IOException {
        StoredLog stored = stored(end);
        for (int bit = 0; bit < 30; bit++) {
            byte[] bytes = stored.bytes().clone();
            bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);

            assertPrefix(stored, end, bytes, stored.size(), stored.batches().size(), "bit=" + bit);
        }
    }

    private void assertFlip(End end, int bit) throws IOException {
        StoredLog stored = stored(end);
        int last = stored.batches().size() - 1;
        byte[] bytes = stored.bytes().clone();
        bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        int hit = stored.batchesBelow(bit / Byte.SIZE);
        Path root = newRoot();
        stored.writeTo(root, bytes, stored.size());
        String message = "seed=" + SEED + ", end=" + end + ", bit=" + bit + ", hit=" + hit;

        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            // What was closed stays, and what Chronicle's head was in front of; else the end is cut off.
            int kept = end == End.CLOSED && hit < last || hit == 0 ? last + 1 : hit;
            assertEquals(stored.endOffset(kept), log.endOffset(), message);
            assertRightOrCorrupt(stored, log, kept, hit, message);
            byte[] appended = Logs.append(log, Batches.numbered(log.endOffset(), 3));
            assertEquals(List.of(), differences(List.of(appended), readFrom(log, stored.endOffset(kept))), message);
        }
        roots--;
        Directories.delete(root);
    }

    private void assertRightOrCorrupt(StoredLog stored, PartitionLog log, int kept, int hit, String message) {
        for (int batch = 0; batch < kept; batch++) {
            try (LogCursor cursor = log.newCursor()) {
                cursor.seek(stored.endOffset(batch));
                boolean right = cursor.next(log.endOffset());
                assertTrue(right, message);
                assertEquals(
                        List.of(),
                        differences(
                                List.of(stored.batches().get(batch)),
                                List.of(Batches.bytes(cursor.buffer(), cursor.batchIndex()))),
                        message);
            } catch (CorruptRecordException e) {
                assertEquals(hit, batch, message);
                assertTrue(
                        e.getMessage()
                                .contains(
                                        Logs.segment(Path.of("")).getFileName().toString()),
                        e.getMessage());
            }
        }
    }

    @Test
    void aDamagedBatchInAClosedLogStaysAndIsReportedForEver() throws IOException {
        byte[] bytes = closed.bytes().clone();
        bytes[closed.position(10) + 100] ^= 1;
        Path root = newRoot();
        closed.writeTo(root, bytes, closed.size());
        for (int round = 0; round < 3; round++) {
            try (LogStore store = Logs.open(root)) {
                PartitionLog log = store.openLog(Logs.NAME);
                Logs.appendNumbered(log, 5);
                try (LogCursor cursor = log.newCursor()) {
                    for (int batch = 0; batch < 10; batch++) {
                        assertTrue(cursor.next(log.endOffset()));
                    }
                    assertThrows(CorruptRecordException.class, () -> cursor.next(log.endOffset()));
                    assertThrows(CorruptRecordException.class, () -> cursor.next(log.endOffset()));
                    cursor.seek(closed.endOffset(10));
                    assertThrows(CorruptRecordException.class, () -> cursor.next(log.endOffset()));
                    cursor.seek(closed.endOffset(11));
                    for (int batch = 11; batch < 40 + round + 1; batch++) {
                        assertTrue(cursor.next(log.endOffset()));
                    }
                    assertFalse(cursor.next(log.endOffset()));
                }
            }
        }
    }

    /** Also with damage before the tear: what must be rewritten keeps its damage, and does not become a gap. */
    @Test
    void aRewriteKeepsDamageInItsPlace() throws IOException {
        byte[] bytes = closed.bytes().clone();
        bytes[closed.position(10) + 100] ^= 1;
        Arrays.fill(bytes, closed.position(20), closed.position(22), (byte) 0x55);
        // Chronicle's head differs from the one that was closed.
        bytes[200] ^= 1;
        Path root = newRoot();
        closed.writeTo(root, bytes, closed.size());
        for (int round = 0; round < 3; round++) {
            try (LogStore store = Logs.open(root)) {
                PartitionLog log = store.openLog(Logs.NAME);
                assertEquals(closed.endOffset(40), log.endOffset());
                for (int batch = 0; batch < 40; batch++) {
                    boolean isDamaged = batch == 10 || batch == 20 || batch == 21;
                    try (LogCursor cursor = log.newCursor()) {
                        cursor.seek(closed.endOffset(batch));
                        if (isDamaged) {
                            assertThrows(CorruptRecordException.class, () -> cursor.next(log.endOffset()));
                        } else {
                            assertTrue(cursor.next(log.endOffset()), "batch=" + batch);
                            assertEquals(
                                    closed.endOffset(batch),
                                    BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                        }
                    }
                }
            }
        }
    }

    private TreeSet<Integer> positions(StoredLog stored, int times) {
        TreeSet<Integer> positions = new TreeSet<>();
        for (int i = 0; i < times; i++) {
            positions.add(random.nextInt(stored.bytes().length));
        }
        for (int batch : new int[] {0, 39}) {
            for (int distance : new int[] {-1, 0, 1, 4, 5, 68}) {
                positions.add(stored.position(batch) + distance);
            }
        }
        int end = stored.endPosition(39);
        positions.addAll(List.of(0, 1, 4, 5, 1000, end - 1, end, end + 1, end + 4));
        return positions;
    }

    private void assertPrefix(StoredLog stored, End end, byte[] bytes, long size, int kept, String message)
            throws IOException {
        Path root = newRoot();
        stored.writeTo(root, bytes, size);
        if (end == End.POWER_LOST) {
            Files.writeString(root.resolve(DirectoryLock.OWNER_FILE), new Owner(1, 1, "another-boot").toText());
        }
        assertPrefix(stored, root, kept, message + ", end=" + end);
        roots--;
        Directories.delete(root);
    }

    private void assertPrefix(StoredLog stored, Path root, int kept, String message) {
        List<byte[]> expected = new ArrayList<>(stored.batches().subList(0, kept));
        for (int round = 0; round < 2; round++) {
            try (LogStore store = Logs.open(root)) {
                PartitionLog log = store.openLog(Logs.NAME);
                assertEquals(List.of(), differences(expected, Logs.readAll(log)), message);
                expected.addAll(Logs.appendNumbered(log, 3, 1));
                assertEquals(List.of(), differences(expected, Logs.readAll(log)), message);
            }
        }
    }

    private static List<byte[]> readFrom(PartitionLog log, long offset) {
        List<byte[]> batches = new ArrayList<>();
        try (LogCursor cursor = log.newCursor()) {
            cursor.seek(offset);
            while (cursor.next(log.endOffset())) {
                batches.add(Batches.bytes(cursor.buffer(), cursor.batchIndex()));
            }
        }
        return batches;
    }

    /** Which batches differ; those that only one list has do. */
    private static List<Integer> differences(List<byte[]> expected, List<byte[]> actual) {
        List<Integer> differences = new ArrayList<>();
        for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
            if (i >= expected.size() || i >= actual.size() || !Arrays.equals(expected.get(i), actual.get(i))) {
                differences.add(i);
            }
        }
        return differences;
    }

    private Path newRoot() {
        return temporary.resolve("root-" + roots++);
    }
}
