package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.Header;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I05: what a directory holds can be shown, closed or beside its writer, and nothing changes by that. */
final class DumpTest {
    private static final LogSettings SMALL = LogSettings.defaults().withSegmentBytes(16 * 1024);

    static {
        JvmAccess.ensureChronicle();
    }

    @TempDir
    private Path root;

    /** Remembers everything. */
    private static final class Seen implements DumpVisitor {
        final List<Batch> batches = new ArrayList<>();
        final List<Entry> entries = new ArrayList<>();
        final List<Verification.Finding> damage = new ArrayList<>();

        @Override
        public Next onBatch(Batch batch) {
            batches.add(batch);
            return Next.RECORDS;
        }

        @Override
        public Next onRecord(Entry entry) {
            entries.add(entry);
            return Next.RECORDS;
        }

        @Override
        public void onDamage(Verification.Finding finding) {
            damage.add(finding);
        }
    }

    @Test
    void showsEveryBatchOfAllSegments() throws IOException {
        List<byte[]> appended = fill(150);
        DirectorySnapshot before = DirectorySnapshot.of(root);

        Seen seen = dump(0);

        assertShown(appended, seen);
        assertTrue(seen.batches.stream().map(DumpVisitor.Batch::file).distinct().count() > 3);
        assertEquals(before, DirectorySnapshot.of(root));
    }

    private static void assertShown(List<byte[]> appended, Seen seen) {
        assertEquals(List.of(), seen.damage);
        assertEquals(appended.size(), seen.batches.size());
        long nextOffset = 0;
        for (int i = 0; i < appended.size(); i++) {
            UnsafeBuffer batch = new UnsafeBuffer(appended.get(i));
            DumpVisitor.Batch shown = seen.batches.get(i);
            assertTrue(shown.isWhole());
            assertEquals(BatchLayout.baseOffset(batch, 0), shown.baseOffset());
            assertEquals(BatchLayout.endOffset(batch, 0) - 1, shown.lastOffset());
            assertEquals(BatchLayout.recordCount(batch, 0), shown.recordCount());
            assertEquals(BatchLayout.maxTimestamp(batch, 0), shown.maxTimestamp());
            assertEquals(BatchLayout.TYPE_DATA, shown.type());
            assertEquals(BatchLayout.NO_PRODUCER_ID, shown.producerId());
            assertEquals(appended.get(i).length, shown.bytes());
            nextOffset = shown.lastOffset() + 1;
        }
        assertEquals(nextOffset, seen.entries.size());
        for (int offset = 0; offset < nextOffset; offset++) {
            assertEquals(offset, seen.entries.get(offset).offset());
        }
    }

    @Test
    void beginsWithTheBatchThatHoldsTheOffset() {
        List<byte[]> appended = fill(150);
        long endOffset = BatchLayout.endOffset(new UnsafeBuffer(appended.get(149)), 0);
        for (long offset = 0; offset <= endOffset; offset += 7) {
            Seen seen = dump(offset);

            assertEquals(endOffset - offset, seen.entries.size());
            assertEquals(offset, seen.entries.get(0).offset());
            assertTrue(seen.batches.get(0).baseOffset() <= offset
                    && offset <= seen.batches.get(0).lastOffset());
        }
        assertEquals(List.of(), dump(endOffset).batches);
    }

    @Test
    void goesOnAsTheVisitorSays() {
        fill(150);
        List<Long> seen = new ArrayList<>();

        ChronicleLog.at(root).dump(Logs.NAME, 0, new DumpVisitor() {
            @Override
            public Next onBatch(Batch batch) {
                seen.add(batch.baseOffset());
                return seen.size() > 50 ? Next.STOP : seen.size() % 2 == 0 ? Next.RECORDS : Next.BATCH;
            }

            @Override
            public Next onRecord(Entry entry) {
                // Of the second batch and every other one behind it, their first.
                assertEquals(seen.get(seen.size() - 1), entry.offset());
                return Next.BATCH;
            }
        });

        assertEquals(51, seen.size());
    }

    @Test
    void showsWhatUsersSent() {
        try (Broker broker = Broker.open(ChronicleLog.at(root))) {
            Topic<String, String> orders =
                    broker.topic("orders", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            orders.send(new ProducerRecord<>(
                            0, 77L, "key", "value", List.of(new Header("h", new byte[] {1}), new Header("h", null))))
                    .join();
            orders.send(null, null).join();

            Seen seen = new Seen();
            ChronicleLog.at(root).dump("orders-0", 0, seen);

            DumpVisitor.Entry first = seen.entries.get(0);
            assertEquals(77, first.timestamp());
            assertArrayEquals("key".getBytes(StandardCharsets.UTF_8), first.key());
            assertArrayEquals("value".getBytes(StandardCharsets.UTF_8), first.value());
            assertEquals(2, first.headers().size());
            assertNull(seen.entries.get(1).key());
            assertNull(seen.entries.get(1).value());
            assertEquals(
                    List.of("__cluster_metadata-0", "orders-0"),
                    ChronicleLog.at(root).logNames());
        }
    }

    @Test
    void showsWhatIsDamagedAndWhatLiesBehindIt() throws IOException {
        List<byte[]> appended = fill(150);
        Seen whole = dump(0);
        DumpVisitor.Batch inRecords = whole.batches.get(3);
        DumpVisitor.Batch inLength = whole.batches.get(90);
        flip(inRecords.file(), inRecords.position() + inRecords.bytes() - 1);
        flip(inLength.file(), inLength.position());

        Seen seen = dump(0);

        assertEquals(appended.size() - 1, seen.batches.size());
        assertFalse(seen.batches.get(3).isWhole());
        assertEquals(inRecords.baseOffset(), seen.batches.get(3).baseOffset());
        assertEquals(1, seen.damage.size());
        assertEquals(inLength.baseOffset(), seen.damage.get(0).offset());
        assertEquals(inLength.lastOffset() + 1, seen.damage.get(0).endOffset());
        assertEquals(whole.entries.size() - inRecords.recordCount() - inLength.recordCount(), seen.entries.size());
    }

    @Test
    void showsWhatIsCompleteBesideAWriter() {
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            List<byte[]> appended = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                appended.addAll(Logs.appendNumbered(log, 1 + i % 10));

                assertShown(appended, dump(0));
            }
        }
    }

    @Test
    void refusesWhatIsNotThere() throws IOException {
        fill(3);

        assertThrows(
                UnknownTopicOrPartitionException.class,
                () -> ChronicleLog.at(root).dump("../" + Logs.NAME, 0, new Seen()));
        assertThrows(
                StorageException.class,
                () -> ChronicleLog.at(root.resolve("missing")).dump(Logs.NAME, 0, new Seen()));
        assertFalse(Files.exists(root.resolve("missing")));
    }

    private Seen dump(long offset) {
        Seen seen = new Seen();
        ChronicleLog.at(root).dump(Logs.NAME, offset, seen);
        return seen;
    }

    private List<byte[]> fill(int batches) {
        List<byte[]> appended = new ArrayList<>();
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME, SMALL);
            for (int i = 0; i < batches; i++) {
                appended.addAll(Logs.appendNumbered(log, 1 + i % 10));
            }
        }
        return appended;
    }

    private static void flip(Path file, long position) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) position] ^= 8;
        Files.write(file, bytes);
    }
}
