package io.tidemill.log;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.log.chronicle.ChronicleSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The room in front of the writer, made by itself and by another thread. */
final class SpaceReserveTest {
    private static final long SEED = 13;
    private static final long MEBIBYTE = 1024 * 1024;

    @TempDir
    private Path directory;

    private LogFile file;
    private SpaceReserve reserve;

    @BeforeEach
    void open() {
        Path path = directory.resolve("file");
        file = new LogFile(path, CREATE, READ, WRITE);
        reserve = new SpaceReserve(file, new LogFile(path, WRITE), 0);
    }

    @AfterEach
    void close() {
        reserve.end();
        file.close();
    }

    @Test
    void aFileDoublesWhileItIsSmallAndGrowsByAQuarterInPiecesThatThePageCacheTakesWhole() {
        for (long needed = 1; needed < 40 * MEBIBYTE; needed += 12_345) {
            reserve.ensure(needed);

            long size = file.size();
            long piece = Long.lowestOneBit(size);
            assertTrue(size >= needed, "needed=" + needed);
            long ahead = Math.max(needed / 4, Math.min(needed, MEBIBYTE / 4));
            assertTrue(size - needed < Math.max(16 * 1024, Math.min(2 * MEBIBYTE, ahead)), "needed=" + needed);
            assertTrue(piece >= Math.min(2 * MEBIBYTE, Math.max(16 * 1024, size / 8)), "size=" + size);
        }
    }

    /** A force writes whole pieces. */
    @Test
    void aFileThatIsForcedOftenGrowsInSmallPieces() {
        for (long needed = 6 * MEBIBYTE; needed < 12 * MEBIBYTE; needed += 10_000) {
            reserve.ensure(needed);
            reserve.onForce();

            assertFalse(reserve.isLow());
            assertTrue(file.size() - needed < 16 * 1024, "needed=" + needed);
        }
    }

    @Test
    void aSmallFileIsNotKeptAheadOf() {
        reserve.ensure(3 * MEBIBYTE);

        assertFalse(reserve.isLow());
        assertFalse(reserve.keepAhead());
    }

    @Test
    void aLargeFileIsKeptAheadOfUntilThereIsEnough() {
        reserve.ensure(5 * MEBIBYTE);
        assertTrue(reserve.isLow());

        assertTrue(reserve.keepAhead());

        assertFalse(reserve.isLow());
        assertEquals(ChronicleSegment.fileSizeAt(14 * MEBIBYTE), file.size());
        assertFalse(reserve.keepAhead());
        reserve.ensure(8 * MEBIBYTE);
        assertFalse(reserve.isLow());
        reserve.ensure(11 * MEBIBYTE);
        assertTrue(reserve.isLow());
    }

    @Test
    void nothingIsWrittenAfterTheEnd() {
        reserve.ensure(5 * MEBIBYTE);
        reserve.end();
        long size = file.size();

        assertFalse(reserve.keepAhead());

        assertEquals(size, file.size());
    }

    @Test
    void whatIsAppendedIsNeverWrittenOver() throws IOException {
        RandomGenerator random = new SplittableRandom(SEED);
        AtomicBoolean isDone = new AtomicBoolean();
        CompletableFuture<Integer> other = CompletableFuture.supplyAsync(() -> {
            int chunks = 0;
            while (!isDone.get()) {
                chunks += reserve.keepAhead() ? 1 : 0;
            }
            return chunks;
        });
        long position = 0;
        while (position < 96 * MEBIBYTE) {
            ByteBuffer ones = ByteBuffer.allocate(random.nextInt(1, 200_000));
            while (ones.hasRemaining()) {
                ones.put((byte) 1);
            }
            reserve.ensure(position + ones.capacity());
            file.write(ones.flip(), position);
            position += ones.capacity();
        }
        isDone.set(true);

        assertTrue(other.join() > 0, "seed=" + SEED);
        byte[] bytes = Files.readAllBytes(directory.resolve("file"));
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != (i < position ? 1 : 0)) {
                throw new AssertionError("seed=" + SEED + ", index=" + i + ", position=" + position);
            }
        }
    }
}
