package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a log in one file meets the limits of how Chronicle maps and indexes it. */
final class SegmentLogTest {
    private static final long SEED = 3;
    private static final int BLOCK_BYTES = 16 * 1024 * 1024;

    static {
        JvmAccess.ensureChronicle();
    }

    @TempDir
    private Path root;

    /** A mapped block ends in the middle of batches of every size, and of their headers. */
    @Test
    void crossesTheBordersOfMappedBlocks() {
        RandomGenerator random = new SplittableRandom(SEED);
        UnsafeBuffer large = Batches.ofBytes(0, 1024 * 1024);
        Crc32c crc = new Crc32c();
        long bytes = 0;
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            while (bytes < 5L * BLOCK_BYTES) {
                long toBorder = BLOCK_BYTES - bytes % BLOCK_BYTES;
                boolean isNear = toBorder < 64 * 1024 || toBorder > BLOCK_BYTES - 8 * 1024;
                int length =
                        isNear ? 64 + 8 * (4 + random.nextInt(40)) : Math.min(1024 * 1024, (int) (toBorder / 2) & -8);
                UnsafeBuffer batch = new UnsafeBuffer(large, 0, length);
                bytes += 4 + append(log, crc, batch);
            }
            assertWhole(log);
        }
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            assertWhole(log);
            append(log, crc, new UnsafeBuffer(large, 0, 96));
            assertWhole(log);
        }
    }

    @Test
    void takesTheLargestBatchAnywhere() {
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            UnsafeBuffer largest = Batches.ofBytes(0, log.batchBytesMax());
            Crc32c crc = new Crc32c();
            for (int i = 0; i < 12; i++) {
                append(log, crc, largest);
                append(log, crc, new UnsafeBuffer(largest, 0, 96 + 4096 * 8 * i));
            }
            assertWhole(log);
        }
    }

    /** More than there are large buffers for, and some of them close and open while others are on a batch. */
    @Test
    void isReadByManyAtOnce() {
        RandomGenerator random = new SplittableRandom(SEED);
        UnsafeBuffer large = Batches.ofBytes(0, 100_000);
        Crc32c crc = new Crc32c();
        LogCursor[] cursors = new LogCursor[80];
        long[] nextOffsets = new long[cursors.length];
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            for (int i = 0; i < 60; i++) {
                append(log, crc, new UnsafeBuffer(large, 0, 64 + 8 * (4 + random.nextInt(12_000))));
            }
            Arrays.setAll(cursors, i -> log.newCursor());
            for (int round = 0; round < 200; round++) {
                for (int i = 0; i < cursors.length; i++) {
                    if (!cursors[i].next(Long.MAX_VALUE) || random.nextInt(40) == 0) {
                        cursors[i].close();
                        cursors[i] = log.newCursor();
                        assertTrue(cursors[i].next(Long.MAX_VALUE));
                        nextOffsets[i] = 0;
                    }
                }
                for (int i = 0; i < cursors.length; i++) {
                    int batch = cursors[i].batchIndex();
                    assertTrue(crc.matches(cursors[i].buffer(), batch));
                    assertEquals(nextOffsets[i], BatchLayout.baseOffset(cursors[i].buffer(), batch));
                    nextOffsets[i] = BatchLayout.endOffset(cursors[i].buffer(), batch);
                }
            }
            CloseHelper.closeAll(cursors);
        }
    }

    /** The writer of one moment need not be the one of the next. */
    @Test
    void isWrittenByOneThreadAfterTheOther() throws Exception {
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            for (int i = 0; i < 20; i++) {
                FutureTask<Void> appending = new FutureTask<>(() -> Logs.appendNumbered(log, 10, 20), null);
                Thread writer = new Thread(appending);
                writer.start();
                appending.get(10, TimeUnit.SECONDS);
                writer.join();
                Logs.appendNumbered(log, 5);
            }
            assertEquals(20 * 35, log.endOffset());
            assertWhole(log);
        }
    }

    @Test
    void seeksFromAnywhereToAnywhere() {
        RandomGenerator random = new SplittableRandom(SEED);
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            while (log.endOffset() < 100_000) {
                Logs.appendNumbered(log, random.nextInt(1, 200));
            }
            try (LogCursor cursor = log.newCursor()) {
                for (int i = 0; i < 5_000; i++) {
                    long offset = random.nextLong(log.endOffset());
                    cursor.seek(offset);
                    assertTrue(cursor.next(log.endOffset()));
                    assertTrue(BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()) <= offset);
                    assertTrue(BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex()) > offset);
                }
            }
        }
    }

    /** Chronicle puts another index page between two batches. */
    @Tag("long")
    @Test
    void goesOnBehindAnIndexPage() {
        int indexed = 128 * 64 * 1024;
        Crc32c crc = new Crc32c();
        UnsafeBuffer batch = Batches.ofBytes(0, 96);
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            for (int i = 0; i <= indexed; i++) {
                append(log, crc, batch);
            }
            // The page lies behind the last batch now; the log must open so, too.
            assertWhole(log);
        }
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            assertEquals(indexed + 1, log.endOffset());
            for (int i = 0; i < 10; i++) {
                append(log, crc, batch);
            }
            assertWhole(log);
        }
    }

    private static int append(PartitionLog log, Crc32c crc, UnsafeBuffer batch) {
        batch.putInt(BatchLayout.FRAME_LENGTH, batch.capacity(), ByteOrder.LITTLE_ENDIAN);
        batch.putLong(BatchLayout.BASE_OFFSET, log.endOffset(), ByteOrder.LITTLE_ENDIAN);
        batch.putInt(BatchLayout.CRC32C, crc.compute(batch, 0), ByteOrder.LITTLE_ENDIAN);
        log.append(batch, 0, batch.capacity());
        return batch.capacity();
    }

    private static void assertWhole(PartitionLog log) {
        long nextOffset = 0;
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(Long.MAX_VALUE)) {
                assertEquals(nextOffset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
            }
            assertFalse(cursor.next(log.endOffset()));
        }
        assertEquals(log.endOffset(), nextOffset);
    }
}
