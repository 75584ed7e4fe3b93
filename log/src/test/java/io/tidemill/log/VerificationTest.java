package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.StorageException;
import io.tidemill.log.Verification.Finding;
import io.tidemill.log.Verification.Kind;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * I05: verify names every damaged batch by file and offset, finds nothing where nothing is damaged, beside a writer too,
 * and changes nothing.
 */
final class VerificationTest {
    private static final long SEED = 505;
    private static final LogSettings SMALL = LogSettings.defaults().withSegmentBytes(16 * 1024);

    static {
        JvmAccess.ensureChronicle();
    }

    @TempDir
    private Path root;

    private final SetClock clock = new SetClock(1_000_000);

    /** A batch, and the bytes of its excerpt. */
    private record Stored(Path file, long position, long endPosition, long offset, long endOffset) {}

    @Test
    void findsNothingInADirectoryThatIsAsItWasWritten() throws IOException {
        long records = fill(200);

        Verification verification = ChronicleLog.at(root).verify();

        assertEquals(List.of(), verification.findings());
        assertTrue(verification.isSound());
        assertEquals(2, verification.logs());
        assertEquals(200, verification.batches());
        assertEquals(records, verification.records());
        assertTrue(verification.segments() > 4, verification::toString);
    }

    @Test
    void tellsHowFarItIs() throws IOException {
        fill(200);
        List<Path> files = new ArrayList<>();
        long[] bytes = {0};

        Verification verification = ChronicleLog.at(root).verify(new Verification.Listener() {
            @Override
            public void onFile(Path file, long fileBytes) {
                files.add(file);
                bytes[0] += fileBytes;
            }
        });

        assertEquals(verification.segments(), files.size());
        assertEquals(verification.bytes(), bytes[0]);
    }

    @Test
    void namesTheBatchThatABitFlipDamaged() throws IOException {
        flipBits(400);
    }

    @Tag("long")
    @Test
    void namesTheBatchesThatManyBitFlipsDamaged() throws IOException {
        flipBits(10_000);
    }

    private void flipBits(int flips) throws IOException {
        fill(200);
        List<Stored> batches = stored();
        List<Path> files = files();
        RandomGenerator random = new SplittableRandom(SEED);
        for (int i = 0; i < flips; i++) {
            Path file = files.get(random.nextInt(files.size()));
            long position = random.nextLong(Files.size(file));
            int bit = random.nextInt(8);
            String message =
                    "seed=" + SEED + ", flip=" + i + ", file=" + file + ", position=" + position + ", bit=" + bit;

            flip(file, position, bit);
            Verification verification = ChronicleLog.at(root).verify();
            flip(file, position, bit);

            assertNames(batches, file, position, verification, message);
        }
        assertEquals(List.of(), ChronicleLog.at(root).verify().findings());
    }

    /** Of bits that make the length of Chronicle's own excerpt another one, too: it must not take batches with it. */
    @Test
    void losesNoBatchToDamageInWhatChronicleKeepsInFrontOfThem() throws IOException {
        fill(200);
        List<Stored> batches = stored();
        for (Path file : batches.stream().map(Stored::file).distinct().toList()) {
            for (int bit = 0; bit < Integer.SIZE; bit++) {
                flip(file, bit / 8, bit % 8);
                Verification verification = ChronicleLog.at(root).verify();
                flip(file, bit / 8, bit % 8);

                assertNames(batches, file, bit / 8, verification, "file=" + file + ", bit=" + bit);
            }
        }
    }

    private static void assertNames(
            List<Stored> batches, Path file, long position, Verification verification, String message) {
        Stored damaged = batches.stream()
                .filter(batch ->
                        batch.file().equals(file) && batch.position() <= position && position < batch.endPosition())
                .findFirst()
                .orElse(null);
        List<Finding> lost = verification.findings().stream()
                .filter(finding -> finding.kind() == Kind.DAMAGED_BATCH && finding.offset() < finding.endOffset())
                .toList();
        if (damaged != null) {
            assertEquals(1, lost.size(), () -> message + ", findings=" + verification.findings());
            assertEquals(file, lost.get(0).file(), message);
            assertEquals(damaged.offset(), lost.get(0).offset(), message);
            assertEquals(damaged.endOffset(), lost.get(0).endOffset(), message);
            assertTrue(lost.get(0).position() <= position, () -> message + ", findings=" + verification.findings());
        } else {
            assertEquals(List.of(), lost, message);
        }
        boolean isSegment = batches.stream().anyMatch(batch -> batch.file().equals(file));
        if (!isSegment) {
            assertEquals(1, verification.findings().size(), message);
            assertEquals(file, verification.findings().get(0).file(), message);
            assertEquals(Kind.DAMAGED_FILE, verification.findings().get(0).kind(), message);
        }
        verification.findings().forEach(finding -> assertEquals(file, finding.file(), message));
    }

    @Test
    void namesBatchesThatAreDamagedSideBySide() throws IOException {
        fill(200);
        List<Stored> batches = stored();
        // In the middle of a file, and its last ones.
        int end = (int) batches.stream()
                .filter(batch -> batch.file().equals(batches.get(0).file()))
                .count();
        List<Stored> damaged = List.of(batches.get(3), batches.get(4), batches.get(end - 2), batches.get(end - 1));
        for (Stored batch : damaged) {
            flip(batch.file(), batch.endPosition() - 3, 0);
        }

        Verification verification = ChronicleLog.at(root).verify();

        assertEquals(
                damaged,
                verification.findings().stream()
                        .map(finding -> new Stored(
                                finding.file(),
                                finding.position(),
                                batches.stream()
                                        .filter(batch -> batch.offset() == finding.offset())
                                        .findFirst()
                                        .orElseThrow()
                                        .endPosition(),
                                finding.offset(),
                                finding.endOffset()))
                        .toList());
    }

    @Test
    void namesTheFileThatIsMissing() throws IOException {
        fill(200);
        List<Stored> batches = stored();
        Path first = batches.get(0).file();
        Files.delete(first);

        Verification verification = ChronicleLog.at(root).verify();

        Finding finding = verification.findings().get(0);
        assertEquals(1, verification.findings().size());
        assertEquals(Kind.DAMAGED_BATCH, finding.kind());
        assertEquals(0, finding.offset());
        assertEquals(
                batches.stream()
                        .filter(batch -> !batch.file().equals(first))
                        .findFirst()
                        .orElseThrow()
                        .offset(),
                finding.endOffset());
    }

    @Test
    void tellsATornTailFromDamage() throws IOException {
        Path killed = root.resolveSibling(root.getFileName() + "-killed");
        try (LogStore store = open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            Logs.appendNumbered(log, 5, 6, 7);
            Logs.copy(root, killed);
        }
        assertEquals(List.of(), ChronicleLog.at(killed).verify().findings());
        Path segment = Logs.segment(killed);
        List<Stored> batches = new ArrayList<>();
        scan(killed, batches);
        Stored last = batches.get(2);
        flip(segment, last.position() + 100, 1);

        Verification verification = ChronicleLog.at(killed).verify();

        assertEquals(1, verification.findings().size());
        Finding finding = verification.findings().get(0);
        assertEquals(Kind.TORN_TAIL, finding.kind());
        assertEquals(segment, finding.file());
        assertEquals(last.position(), finding.position());
        assertEquals(last.offset(), finding.offset());
        assertTrue(verification.isSound());
        Directories.delete(killed);
    }

    /** What the writer has not completed is no damage, and neither is what it seals, renames and deletes meanwhile. */
    @Test
    void findsNothingBesideAWriter() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (LogStore store = open(root)) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL.withRetentionBytes(100_000));
            Thread writer = new Thread(() -> {
                try {
                    while (!Thread.currentThread().isInterrupted()) {
                        Logs.appendNumbered(log, 1 + (int) (log.endOffset() % 30));
                        log.deleteOld();
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            writer.start();
            while (log.endOffset() < 1_000) {
                Thread.onSpinWait();
            }
            long batches = 0;
            for (int i = 0; i < 20; i++) {
                Verification verification = ChronicleLog.at(root).verify();
                batches += verification.batches();

                assertEquals(List.of(), verification.findings());
            }
            writer.interrupt();
            writer.join();
            assertTrue(batches > 0);
        }
        assertEquals(null, failure.get());
        assertEquals(List.of(), ChronicleLog.at(root).verify().findings());
    }

    @Test
    void refusesWhatIsNoTidemillDirectoryAndLeavesItAlone() throws IOException {
        Path missing = root.resolve("missing");
        Path foreign = Files.createDirectory(root.resolve("foreign"));
        Files.writeString(foreign.resolve("notes.txt"), "mine");

        assertThrows(StorageException.class, () -> ChronicleLog.at(missing).verify());
        assertThrows(StorageException.class, () -> ChronicleLog.at(foreign).verify());

        assertFalse(Files.exists(missing));
        assertEquals(List.of("notes.txt"), DirectorySnapshot.of(foreign).names());
    }

    @Test
    void changesNothing() throws IOException {
        fill(200);
        flip(stored().get(7).file(), stored().get(7).position() + 9, 3);
        DirectorySnapshot before = DirectorySnapshot.of(root);

        assertFalse(ChronicleLog.at(root).verify().isSound());

        assertEquals(before, DirectorySnapshot.of(root));
    }

    /** Two logs, one of them empty, and a state file; answers how many records there are. */
    private long fill(int batches) throws IOException {
        RandomGenerator random = new SplittableRandom(SEED);
        try (LogStore store = open(root)) {
            store.stateFile("state").write(new byte[] {1, 2, 3});
            store.openLog("empty");
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            for (int i = 0; i < batches; i++) {
                Logs.appendNumbered(log, 1 + random.nextInt(10));
            }
            // A batch in the active file at least, and a segment that ends in the middle of its file.
            log.truncate(log.endOffset() - 3);
            while (stored().size() < batches) {
                Logs.appendNumbered(log, 1 + random.nextInt(10));
            }
            return log.endOffset();
        }
    }

    private LogStore open(Path place) {
        return ChronicleLog.at(place).open(clock);
    }

    private List<Stored> stored() throws IOException {
        List<Stored> stored = new ArrayList<>();
        scan(root, stored);
        return stored;
    }

    private static void scan(Path place, List<Stored> stored) throws IOException {
        for (LogSnapshot.Part part : LogSnapshot.of(Logs.directory(place)).parts()) {
            if (!part.exists()) {
                continue;
            }
            try (FileChannel channel = FileChannel.open(part.file(), StandardOpenOption.READ)) {
                long end = Math.min(channel.size(), part.endPosition());
                ByteBuffer bytes = ByteBuffer.allocate((int) end).order(ByteOrder.LITTLE_ENDIAN);
                channel.read(bytes, 0);
                DirectBuffer buffer = new UnsafeBuffer(bytes.array());
                long position = 0;
                while (position + 4 <= end && bytes.getInt((int) position) != 0) {
                    int header = bytes.getInt((int) position);
                    if (ExcerptLayout.isBatch(header)) {
                        int batch = (int) position + 4;
                        stored.add(new Stored(
                                part.file(),
                                position,
                                position + 4 + ExcerptLayout.length(header),
                                BatchLayout.baseOffset(buffer, batch),
                                BatchLayout.endOffset(buffer, batch)));
                    }
                    position = ExcerptLayout.next(position, header);
                }
            }
        }
    }

    /** All that say something. */
    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(file -> Files.isRegularFile(file) && file.toFile().length() > 0)
                    .sorted()
                    .toList();
        }
    }

    private static void flip(Path file, long position, int bit) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(position);
            int value = access.read();
            access.seek(position);
            access.write(value ^ 1 << bit);
        }
    }
}
