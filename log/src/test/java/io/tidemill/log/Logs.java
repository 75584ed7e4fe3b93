package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.log.chronicle.SegmentName;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;

/** What the tests of this package do with logs. */
final class Logs {
    static final String NAME = "log";

    private static final Clock CLOCK = new SetClock(0);

    private Logs() {}

    static LogStore open(Path root) {
        return ChronicleLog.at(root).open(CLOCK);
    }

    static byte[] append(PartitionLog log, DirectBuffer batch) {
        log.append(batch, 0, batch.capacity());
        return Batches.bytes(batch, 0);
    }

    static List<byte[]> appendNumbered(PartitionLog log, int... recordCounts) {
        List<byte[]> appended = new ArrayList<>();
        for (int recordCount : recordCounts) {
            appended.add(append(log, Batches.numbered(log.endOffset(), recordCount)));
        }
        return appended;
    }

    static List<byte[]> readAll(PartitionLog log) {
        List<byte[]> batches = new ArrayList<>();
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                batches.add(Batches.bytes(cursor.buffer(), cursor.batchIndex()));
            }
        }
        return batches;
    }

    static void assertBatches(List<byte[]> expected, List<byte[]> actual, String message) {
        assertEquals(expected.size(), actual.size(), message);
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), message);
        }
    }

    static Path directory(Path root) {
        return root.resolve("logs").resolve(NAME);
    }

    static Path segment(Path root) {
        return new SegmentName(0, 0).activeFile(directory(root));
    }

    /** A copy of a whole store, as a killed process would leave it if the store is open. */
    static Path copy(Path root, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.toList()) {
                Path copy = target.resolve(root.relativize(file).toString());
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Files.deleteIfExists(target.resolve(DirectoryLock.OWNER_FILE));
        return target;
    }

    /** Every batch is there, and was numbered; tells where they end. */
    static long readNumbered(PartitionLog log) {
        Crc32c crc = new Crc32c();
        long nextOffset = 0;
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                assertEquals(nextOffset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                Batches.checkNumbered(crc, cursor.buffer(), cursor.batchIndex());
                nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
            }
        }
        return nextOffset;
    }
}
