package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** I04: an interrupt disturbs nothing here, and is still there for whoever waits for it. */
final class InterruptTest {
    @TempDir
    private Path root;

    private final RandomGenerator random = new SplittableRandom(1);

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    @Test
    void everyCallWorksOnAThreadThatIsInterrupted() {
        Thread.currentThread().interrupt();
        for (int round = 0; round < 3; round++) {
            try (LogStore store = Logs.open(root)) {
                PartitionLog log = store.openLog(Logs.NAME);
                Logs.appendNumbered(log, 5, 7);
                log.flush();
                store.stateFile("state").write(new byte[] {1});
                assertEquals(1, store.stateFile("state").read().length);
                assertEquals(2 * (round + 1), Logs.readAll(log).size());
                assertEquals(12 * (round + 1), log.endOffset());
            }
            assertTrue(Thread.currentThread().isInterrupted());
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void stateFilesAndNewLogsSurviveInterruptsAtAnyMoment() throws Exception {
        try (LogStore store = Logs.open(root)) {
            FutureTask<Void> writing = new FutureTask<>(
                    () -> {
                        byte[] content = new byte[10_000];
                        for (int i = 0; i < 100; i++) {
                            Arrays.fill(content, (byte) i);
                            store.stateFile("state").write(content);
                            assertArrayEquals(content, store.stateFile("state").read());
                            try (PartitionLog log = store.openLog("log-" + i % 20)) {
                                long endOffset = log.endOffset();
                                assertEquals(3 * (i / 20), endOffset);
                                Logs.appendNumbered(log, 3);
                            }
                            Thread.interrupted();
                        }
                    },
                    null);
            Thread writer = new Thread(writing);
            writer.start();
            while (!writing.isDone()) {
                writer.interrupt();
                spin();
            }
            writing.get(1, TimeUnit.SECONDS);
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void interruptsAtAnyMomentDisturbNothing() throws Exception {
        int recordCount = 100_000;
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            AtomicLong published = new AtomicLong();
            FutureTask<Void> writing = new FutureTask<>(
                    () -> {
                        for (long offset = 0; offset < recordCount; offset += 50) {
                            Logs.append(log, Batches.numbered(offset, 50));
                            published.setRelease(offset + 50);
                            if (offset % 10_000 == 0) {
                                log.flush();
                            }
                            Thread.interrupted();
                        }
                    },
                    null);
            FutureTask<Long> reading = new FutureTask<>(() -> {
                long nextOffset = 0;
                try (LogCursor cursor = log.newCursor()) {
                    while (nextOffset < recordCount) {
                        if (cursor.next(published.getAcquire())) {
                            assertEquals(nextOffset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                            nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                        }
                        Thread.interrupted();
                    }
                }
                return nextOffset;
            });
            Thread writer = new Thread(writing);
            Thread reader = new Thread(reading);
            writer.start();
            reader.start();
            while (!writing.isDone() || !reading.isDone()) {
                writer.interrupt();
                reader.interrupt();
                spin();
            }
            writing.get(1, TimeUnit.SECONDS);
            assertEquals(recordCount, reading.get(1, TimeUnit.SECONDS));
            assertEquals(recordCount, log.endOffset());
        }
        try (LogStore store = Logs.open(root)) {
            assertEquals(recordCount, store.openLog(Logs.NAME).endOffset());
        }
    }

    /** Interrupts come one at a time: what is interrupted again before it is done never will be. */
    private void spin() {
        for (int i = random.nextInt(200_000); i > 0; i--) {
            Thread.onSpinWait();
        }
    }
}
