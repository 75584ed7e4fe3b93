package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.Batches;
import io.tidemill.errors.StorageException;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.SystemUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** I03: a full disk is an exception on append; reads go on, and appends do when there is room again. */
final class FullDiskTest {
    private static final int PAGE_BYTES = 4096;

    @TempDir
    private Path temporary;

    private TemporaryMount mount;
    private Path root;
    private Path filler;

    @BeforeEach
    void mountASmallDisk() throws IOException {
        mount = TemporaryMount.tmpfs(temporary.resolve("disk"), "size=8m");
        root = mount.path().resolve("store");
        filler = mount.path().resolve("filler");
    }

    @AfterEach
    void unmount() throws IOException {
        if (mount != null) {
            mount.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"96, 1G", "1000, 1G", "65536, 1G", "1048576, 1G", "96, 16K", "1000, 16K", "65536, 200K", "1048576, 3M"})
    void appendsFailCleanlyAndGoOnWhenThereIsRoom(int batchBytes, String segmentSize) throws IOException {
        LogSettings settings = LogSettings.defaults().withSegmentBytes(SystemUtil.parseSize("segment", segmentSize));
        Files.write(filler, new byte[5 * 1024 * 1024]);
        List<byte[]> appended = new ArrayList<>();
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME, settings);
            for (int round = 0; round < 3; round++) {
                appendUntilFull(log, batchBytes, appended);
                for (int i = 0; i < 3; i++) {
                    assertThrows(StorageException.class, () -> appendOne(log, batchBytes));
                }
                Logs.assertBatches(appended, Logs.readAll(log), "round=" + round);
                log.flush();

                makeRoom(1200 * 1024);
                appended.add(appendOne(log, batchBytes));
                Logs.assertBatches(appended, Logs.readAll(log), "round=" + round);
            }
        }
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME, settings);
            Logs.assertBatches(appended, Logs.readAll(log), "reopened");
            appended.add(appendOne(log, 96));
            Logs.assertBatches(appended, Logs.readAll(log), "reopened");
        }
    }

    /** Whatever page is the first that is missing: Chronicle's metadata, its index, our batch. */
    @Test
    void aNewLogFailsCleanlyHoweverLittleRoomThereIs() throws IOException {
        try (LogStore store = Logs.open(root)) {
            store.openLog("first").close();
            for (int pages = 0; pages < 24; pages++) {
                fill(pages * PAGE_BYTES);
                // The directory of the log takes a page or none.
                PartitionLog log = store.openLog("log-" + pages);
                List<byte[]> appended = new ArrayList<>();
                appendUntilFull(log, 96, appended);
                Logs.assertBatches(appended, Logs.readAll(log), "pages=" + pages);
                Files.delete(filler);

                appended.add(appendOne(log, 96));
                Logs.assertBatches(appended, Logs.readAll(log), "pages=" + pages);
                log.close();
                PartitionLog reopened = store.openLog("log-" + pages);
                Logs.assertBatches(appended, Logs.readAll(reopened), "pages=" + pages);
                reopened.close();
                store.deleteLog("log-" + pages);
            }
        }
    }

    /** Whatever is the first that is missing: the index, the manifest, the next segment. */
    @Test
    void aRollFailsCleanlyHoweverLittleRoomThereIs() throws IOException {
        LogSettings settings = LogSettings.defaults().withSegmentBytes(40 * 1024);
        try (LogStore store = Logs.open(root)) {
            for (int pages = 0; pages < 40; pages++) {
                String message = "pages=" + pages;
                PartitionLog log = store.openLog("log-" + pages, settings);
                List<byte[]> appended = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    appended.add(appendOne(log, 10 * 1024));
                }
                fill(pages * PAGE_BYTES);
                appendUntilFull(log, 10 * 1024, appended);
                Logs.assertBatches(appended, Logs.readAll(log), message);
                Files.delete(filler);

                for (int i = 0; i < 10; i++) {
                    appended.add(appendOne(log, 10 * 1024));
                }
                Logs.assertBatches(appended, Logs.readAll(log), message);
                log.close();
                PartitionLog reopened = store.openLog("log-" + pages, settings);
                Logs.assertBatches(appended, Logs.readAll(reopened), message);
                reopened.close();
                store.deleteLog("log-" + pages);
            }
        }
    }

    /** R06. Whatever is the first that is missing: the directory, Chronicle's metadata, the segment, its index, the manifest. */
    @Test
    void compactionFailsCleanlyHoweverLittleRoomThereIs() throws IOException {
        LogSettings settings = LogSettings.defaults()
                .withSegmentBytes(80 * 1024)
                .withCleanup(new CleanupSettings(CleanupPolicy.COMPACT, 0, 0, 1_000));
        int failures = 0;
        try (LogStore store = Logs.open(root)) {
            for (int pages = 0; pages < 40; pages++) {
                String message = "pages=" + pages;
                PartitionLog log = store.openLog("log-" + pages, settings);
                SegmentCompactionTest.fill(log, 400);
                List<byte[]> before = Logs.readAll(log);
                fill(pages * PAGE_BYTES);
                try {
                    log.compact(log.endOffset(), () -> false);
                    assertTrue(Logs.readAll(log).size() < before.size(), message);
                } catch (StorageException e) {
                    failures++;
                    assertTrue(e.getMessage().contains("No space left"), e.getMessage());
                    Logs.assertBatches(before, Logs.readAll(log), message);
                }
                Path directory = root.resolve("logs").resolve("log-" + pages);
                assertEquals(List.of(), Manifest.read(directory).leftovers(directory), message);
                assertFalse(Files.exists(directory.resolve("compaction")), message);
                Files.delete(filler);

                log.compact(log.endOffset(), () -> false);
                assertTrue(Logs.readAll(log).size() < before.size(), message);
                List<byte[]> compacted = Logs.readAll(log);
                log.close();
                PartitionLog reopened = store.openLog("log-" + pages, settings);
                Logs.assertBatches(compacted, Logs.readAll(reopened), message);
                reopened.close();
                store.deleteLog("log-" + pages);
            }
        }
        assertTrue(failures > 5 && failures < 40, "failures=" + failures);
    }

    @Test
    void aLogOpensAndReadsOnAFullDisk() throws IOException {
        List<byte[]> appended;
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            appended = Logs.appendNumbered(log, 5, 5);
            fill(0);
            log.close();
            fill(0);
            PartitionLog reopened = store.openLog(Logs.NAME);

            Logs.assertBatches(appended, Logs.readAll(reopened), "full");
            assertThrows(StorageException.class, () -> appendOne(reopened, 1024 * 1024));

            Files.delete(filler);
            appended.add(appendOne(reopened, 1024 * 1024));
            Logs.assertBatches(appended, Logs.readAll(reopened), "room");
        }
    }

    @Test
    void aStateFileKeepsItsContent() throws IOException {
        byte[] former = {1, 2, 3};
        try (LogStore store = Logs.open(root)) {
            store.stateFile("state").write(former);
            fill(0);

            StorageException refused = assertThrows(
                    StorageException.class, () -> store.stateFile("state").write(new byte[10_000]));

            assertTrue(refused.getMessage().contains("state"), refused.getMessage());
            assertArrayEquals(former, store.stateFile("state").read());
        }
    }

    private static void appendUntilFull(PartitionLog log, int batchBytes, List<byte[]> appended) {
        // The disk holds less than that.
        for (int i = 0; i < 200_000; i++) {
            long endOffset = log.endOffset();
            try {
                appended.add(appendOne(log, batchBytes));
            } catch (StorageException e) {
                assertTrue(e.getMessage().contains("No space left"), e.getMessage());
                assertTrue(e.retriable());
                assertEquals(endOffset, log.endOffset());
                return;
            }
        }
        throw new AssertionError("disk is never full");
    }

    private static byte[] appendOne(PartitionLog log, int batchBytes) {
        return Logs.append(log, Batches.ofBytes(log.endOffset(), batchBytes));
    }

    private void fill(int freeBytes) throws IOException {
        byte[] page = new byte[PAGE_BYTES];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (Files.getFileStore(mount.path()).getUsableSpace() > freeBytes) {
                out.write(page);
            }
        }
    }

    private void makeRoom(long bytes) throws IOException {
        long size = Files.size(filler);
        Files.delete(filler);
        Files.write(filler, new byte[(int) Math.max(0, size - bytes)]);
    }
}
