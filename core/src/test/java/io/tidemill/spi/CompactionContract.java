package io.tidemill.spi;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchBuilder;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.epoch.LeaderEpochs;
import io.tidemill.idempotence.ProducerStates;
import io.tidemill.idempotence.SequenceVerdict;
import io.tidemill.runtime.JvmAccess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * R06: what every {@link Storage} keeps of a log that is compacted. It goes with {@link LogStoreContract}, and is used in
 * the same way.
 */
public abstract class CompactionContract {
    private static final long SEGMENT_BYTES = 16 * 1024;
    private static final long DELETE_RETENTION_MS = 20_000;

    static {
        JvmAccess.ensureAgrona();
    }

    private final SetClock clock = new SetClock(1_700_000_000_000L);
    /** What was written, by offset. */
    private final TreeMap<Long, WrittenRecord> written = new TreeMap<>();

    /** Of producers, by id and epoch. */
    private final Map<Integer, Integer> nextSequences = new HashMap<>();

    private Storage storage;
    private LogStore store;
    private PartitionLog log;

    /** A place where nothing is stored yet; called once for each test. */
    protected abstract Storage newStorage();

    @BeforeEach
    final void openEmptyLog() {
        storage = newStorage();
        store = storage.open(clock);
        log = store.openLog("log", settings(0));
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    @Test
    void keepsTheLastRecordOfEachKeyAtItsOffset() {
        appendRounds(40, 10);
        long endOffset = log.endOffset();

        assertFalse(compact());

        Map<Long, WrittenRecord> left = readAll();
        assertEquals(0, log.startOffset());
        assertEquals(endOffset, log.endOffset());
        assertTrue(left.size() < 200, "left=" + left.size());
        for (long offset = endOffset - 10; offset < endOffset; offset++) {
            assertTrue(left.containsKey(offset));
        }
        appendRounds(40, 10);
        compact();
        reopen(settings(0));
        assertTrue(readAll().size() < 200, "left=" + readAll().size());
        assertEquals(2 * endOffset, log.endOffset());
    }

    @Test
    void aPassThatFindsNothingNewChangesNothing() {
        appendRounds(40, 10);
        compact();
        List<byte[]> before = batches();

        for (int i = 0; i < 3; i++) {
            assertFalse(compact());
            assertEqualBatches(before, batches());
            reopen(settings(0));
        }
    }

    @Test
    void doesNothingIfThePolicyDoesNotCompact() {
        reopen(LogSettings.defaults().withSegmentBytes(SEGMENT_BYTES));
        appendRounds(40, 10);

        compact();

        assertEquals(400, readAll().size());
    }

    /** At first they hide what went before them; later they go themselves. */
    @Test
    void tombstonesStayForTheirTimeAndGoByThemselves() {
        appendRounds(20, 10);
        append(record("k3", null), record("gone", null));
        long tombstone = log.endOffset() - 2;
        fillAFile();

        compact();
        assertTrue(readAll().containsKey(tombstone));
        assertTrue(readAll().containsKey(tombstone + 1));
        assertEquals(tombstone, firstOffsetOf("k3"));
        clock.advance(DELETE_RETENTION_MS - 1);
        compact();
        assertTrue(readAll().containsKey(tombstone));
        reopen(settings(0));
        clock.advance(1);
        compact();

        assertFalse(readAll().containsKey(tombstone));
        assertFalse(readAll().containsKey(tombstone + 1));
        List<byte[]> before = batches();
        clock.advance(10 * DELETE_RETENTION_MS);
        compact();
        assertEqualBatches(before, batches());
    }

    /** Its time begins with the pass that first finds nothing in front of it, and no later pass begins it anew. */
    @Test
    void theTimeOfATombstoneIsNotExtended() {
        append(record("a", null));
        fillAFile();
        compact();
        for (int i = 0; i < 4; i++) {
            clock.advance(DELETE_RETENTION_MS / 4);
            assertEquals(i < 3, i < 3 && readAll().containsKey(0L));
            append(record("b" + i, null));
            fillAFile();
            compact();
        }

        assertFalse(readAll().containsKey(0L));
    }

    @Test
    void waitsUntilEnoughIsNotCompactedYet() {
        reopen(settings(0.5));
        appendDistinct(400);
        fillAFile();
        compact();
        appendRounds(10, 10);
        fillAFile();
        int before = readAll().size();

        compact();

        assertEquals(before, readAll().size());
        appendRounds(200, 10);
        compact();
        assertTrue(readAll().size() < before);
    }

    @Test
    void leavesWhatIsTooYoungAndAllThatFollows() {
        reopen(LogSettings.defaults()
                .withSegmentBytes(SEGMENT_BYTES)
                .withCleanup(new CleanupSettings(CleanupPolicy.COMPACT, 0, 5_000, DELETE_RETENTION_MS)));
        appendRounds(40, 10);
        compact();
        assertEquals(400, readAll().size());
        long old = log.endOffset();
        fillAFile();
        clock.advance(4_999);
        appendRounds(40, 10);
        compact();
        long all = log.endOffset();
        assertEquals(all, readAll().size());

        clock.advance(1);
        compact();

        Map<Long, WrittenRecord> left = readAll();
        assertTrue(left.keySet().stream().filter(offset -> offset < old).count() < 40);
        for (long offset = old; offset < all; offset++) {
            assertTrue(left.containsKey(offset));
        }
    }

    @Test
    void leavesWhatLiesAtItsLimitOrAbove() {
        appendRounds(40, 10);
        appendRounds(40, 10);

        log.compact(400, () -> false);

        Map<Long, WrittenRecord> left = readAll();
        assertTrue(left.size() < 700);
        for (long offset = 400; offset < 800; offset++) {
            assertTrue(left.containsKey(offset));
        }
    }

    @Test
    void keepsEveryRecordWithoutAKey() {
        for (int i = 0; i < 200; i++) {
            append(record(null, "v" + i), record("k", "v" + i), record(null, null));
        }
        fillAFile();
        compact();
        clock.advance(10 * DELETE_RETENTION_MS);
        appendRounds(1, 1);
        fillAFile();

        compact();

        Map<Long, WrittenRecord> left = readAll();
        for (long offset = 0; offset < 600; offset++) {
            assertEquals(offset % 3 != 1 || offset == 598, left.containsKey(offset), "offset=" + offset);
        }
    }

    /** A marker, a batch of a transaction and one in another encoding stay byte for byte; a producer's begins where it did. */
    @Test
    void leavesAloneWhatItDoesNotUnderstand() {
        List<byte[]> kept = new ArrayList<>();
        appendRounds(5, 10);
        kept.add(appendMarked(BatchLayout.TYPE, BatchLayout.TYPE_COMMIT));
        appendRounds(5, 10);
        kept.add(appendMarked(BatchLayout.FLAGS, BatchLayout.FLAG_TRANSACTIONAL));
        appendRounds(5, 10);
        kept.add(appendMarked(BatchLayout.ENCODING, BatchLayout.ENCODING_KAFKA_V2));
        appendRounds(5, 10);
        kept.add(appendMarked(BatchLayout.PRODUCER_ID, (byte) 7));
        appendRounds(5, 10);
        fillAFile();

        compact();

        List<byte[]> left = batches();
        for (byte[] batch : kept) {
            assertTrue(left.stream().anyMatch(other -> Arrays.equals(batch, other)));
        }
        assertDense();
    }

    /** E01: the headers that are left say the same of producers and of leaders as all of them did. */
    @Test
    void whatIsKnownOfProducersAndLeadersStays() {
        for (int i = 0; i < 300; i++) {
            int chance = i * 31 % 7;
            appendProduced(i / 100, chance, i / 50, record("k" + i % 3, "v" + i), record("k" + chance, "w" + i));
        }
        fillAFile();
        ProducerStates producers = new ProducerStates();
        LeaderEpochs epochs = new LeaderEpochs();
        readHeaders(producers, epochs);
        int before = batches().size();

        compact();
        appendProduced(2, 1, 6, record("k0", "v"));
        readHeadersBehind(log.endOffset() - 1, producers, epochs);
        compact();
        reopen(settings(0));

        assertTrue(batches().size() < before / 2, "left=" + batches().size());
        ProducerStates read = new ProducerStates();
        LeaderEpochs readEpochs = new LeaderEpochs();
        readHeaders(read, readEpochs);
        assertArrayEquals(epochs.encode(), readEpochs.encode());
        for (int producerId = 0; producerId < 7; producerId++) {
            for (int sequence = 0; sequence < 90; sequence++) {
                assertEquals(
                        producers.check(producerId, (short) 2, sequence, 2),
                        read.check(producerId, (short) 2, sequence, 2),
                        "producerId=" + producerId + ", sequence=" + sequence);
            }
        }
        assertEquals(SequenceVerdict.NEXT, read.check(1, (short) 2, nextSequences.get(1 + 7 * 2), 1));
    }

    private void appendProduced(int epoch, int producerId, int leaderEpoch, UnsafeBuffer... records) {
        try (BatchBuilder builder = new BatchBuilder()) {
            for (UnsafeBuffer record : records) {
                builder.add(record, 0, record.capacity(), clock.epochMs());
            }
            int sequence = nextSequences.merge(producerId + 7 * epoch, records.length, Integer::sum) - records.length;
            builder.stampProducer(producerId, (short) epoch, sequence);
            builder.stampLeaderEpoch(leaderEpoch);
            builder.finish(log.endOffset());
            log.append(builder.buffer(), 0, builder.length());
        }
    }

    private void readHeaders(ProducerStates producers, LeaderEpochs epochs) {
        readHeadersBehind(0, producers, epochs);
    }

    private void readHeadersBehind(long offset, ProducerStates producers, LeaderEpochs epochs) {
        try (LogCursor cursor = log.newCursor()) {
            cursor.seek(offset);
            while (cursor.next(log.endOffset())) {
                producers.onAppended(cursor.buffer(), cursor.batchIndex(), clock.epochMs());
                epochs.onBatch(cursor.buffer(), cursor.batchIndex());
            }
        }
    }

    @Test
    void seeksFromEveryOffsetToWhatIsLeft() {
        appendRounds(60, 10);
        compact();
        TreeMap<Long, WrittenRecord> left = readAll();

        try (LogCursor cursor = log.newCursor()) {
            for (long offset = log.endOffset() - 1; offset >= 0; offset--) {
                cursor.seek(offset);
                assertTrue(cursor.next(log.endOffset()));
                assertTrue(BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()) <= offset);
                assertTrue(BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex()) > offset);
                TreeMap<Long, WrittenRecord> ahead = new TreeMap<>();
                long sought = offset;
                do {
                    forEachRecord(cursor, (at, record) -> {
                        if (at >= sought) {
                            ahead.put(at, record);
                        }
                    });
                } while (ahead.isEmpty() && cursor.next(log.endOffset()));
                assertEquals(left.ceilingKey(offset), ahead.isEmpty() ? null : ahead.firstKey());
            }
        }
    }

    @Test
    void canBeStoppedAtEveryStep() {
        appendRounds(80, 10);
        List<byte[]> before = batches();
        int steps = 0;
        AtomicLong left = new AtomicLong();
        while (true) {
            left.set(steps++);
            log.compact(log.endOffset(), () -> left.getAndDecrement() <= 0);
            if (left.get() > 0) {
                break;
            }
            assertDense();
            assertLastValues();
            assertTrue(batches().size() <= before.size());
        }
        assertTrue(steps > 80, "steps=" + steps);
        assertTrue(readAll().size() < 200);
    }

    /** It may begin in front of offsets that went with their records. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 5, 333, 395, 396, 397, 398, 399})
    void aLogThatWasCompactedCanBeTruncated(long endOffset) {
        appendRounds(40, 10);
        compact();

        log.truncate(endOffset);

        written.tailMap(log.endOffset()).clear();
        assertTrue(log.endOffset() <= endOffset);
        assertDense();
        readAll();
        appendRounds(40, 10);
        compact();
        assertDense();
        assertLastValues();
        reopen(settings(0));
        assertDense();
        assertLastValues();
    }

    @Test
    void aTruncationDuringAPassEndsIt() {
        appendRounds(80, 10);
        long endOffset = log.endOffset();
        AtomicLong asked = new AtomicLong();

        log.compact(endOffset, () -> {
            if (asked.getAndIncrement() == 100) {
                log.truncate(333);
                written.tailMap(log.endOffset()).clear();
                appendRounds(10, 10);
            }
            return false;
        });

        assertTrue(asked.get() > 100);
        assertDense();
        readAll();
        compact();
        assertDense();
        assertTrue(readAll().size() < 200);
    }

    @Test
    void aRetentionCheckDuringAPassDisturbsNothing() {
        LogSettings both = settings(0)
                .withRetentionMs(1_000)
                .withCleanup(new CleanupSettings(CleanupPolicy.COMPACT_DELETE, 0, 0, DELETE_RETENTION_MS));
        for (int step = 0; step < 120; step += 7) {
            log.truncate(log.startOffset());
            written.clear();
            reopen(both);
            appendRounds(40, 10);
            clock.advance(1_001);
            appendRounds(40, 10);
            AtomicLong asked = new AtomicLong();
            int deletingStep = step;
            log.compact(log.endOffset(), () -> {
                if (asked.getAndIncrement() == deletingStep) {
                    log.deleteOld();
                }
                return false;
            });

            assertDense();
            assertLastValues();
            compact();
            assertDense();
            assertLastValues();
        }
    }

    @Test
    void aClosedLogIsNotCompacted() {
        appendRounds(40, 10);
        log.close();

        assertThrows(IllegalStateException.class, () -> log.compact(400, () -> false));
    }

    /** Whoever closes it during a pass gets it closed; the next one to open it finds it whole. */
    @Test
    void closingEndsAPass() throws Exception {
        appendRounds(80, 10);
        AtomicLong asked = new AtomicLong();
        FutureTask<Void> closing = new FutureTask<>(log::close, null);

        log.compact(log.endOffset(), () -> {
            if (asked.getAndIncrement() == 100) {
                Thread closer = new Thread(closing);
                closer.start();
                while (!isClosed()) {
                    Thread.onSpinWait();
                }
            }
            return false;
        });

        assertEquals(101, asked.get());
        reopen(settings(0));
        assertDense();
        assertLastValues();
        closing.get(30, TimeUnit.SECONDS);
    }

    private boolean isClosed() {
        try {
            log.endOffset();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    /** A pass knows so many keys; the next ones follow. */
    @Test
    void compactsALogOfMoreKeysThanFitIntoMemory() {
        reopen(settings(0).withSegmentBytes(4 * 1024 * 1024));
        int keys = 900_000;
        int batchRecords = 10_000;
        for (int i = 0; i < keys + 2 * keys / 10; i += batchRecords) {
            BatchBuilder builder = new BatchBuilder();
            for (int n = i; n < i + batchRecords; n++) {
                UnsafeBuffer record = record("" + n % keys, "" + n);
                builder.add(record, 0, record.capacity(), clock.epochMs());
            }
            builder.finish(log.endOffset());
            log.append(builder.buffer(), 0, builder.length());
        }
        long endOffset = log.endOffset();
        fillAFile(8 * 1024 * 1024);

        int passes = 1;
        while (log.compact(log.endOffset(), () -> false)) {
            passes++;
        }

        assertTrue(passes > 1);
        AtomicLong left = new AtomicLong();
        try (LogCursor cursor = log.newCursor()) {
            long nextOffset = 0;
            while (nextOffset < endOffset && cursor.next(log.endOffset())) {
                assertEquals(nextOffset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                left.addAndGet(BatchLayout.recordCount(cursor.buffer(), cursor.batchIndex()));
            }
        }
        assertEquals(keys, left.get());
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void isReadAndWrittenWhileItIsCompacted() throws Exception {
        int rounds = 4_000;
        AtomicLong published = new AtomicLong();
        AtomicBoolean isWritten = new AtomicBoolean();
        List<FutureTask<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            boolean opensAnew = i == 0;
            readers.add(new FutureTask<>(() -> readBeside(10L * rounds, published, opensAnew)));
        }
        FutureTask<Long> compacting = new FutureTask<>(() -> {
            long passes = 0;
            while (!isWritten.get()) {
                log.compact(published.getAcquire(), () -> false);
                passes++;
            }
            return passes;
        });
        readers.forEach(reader -> new Thread(reader).start());
        new Thread(compacting).start();
        for (int round = 0; round < rounds; round++) {
            append(numbered(log.endOffset(), 10));
            published.setRelease(log.endOffset());
        }
        for (FutureTask<Long> reader : readers) {
            assertTrue(reader.get(30, TimeUnit.SECONDS) > 0);
        }
        isWritten.set(true);
        assertTrue(compacting.get(30, TimeUnit.SECONDS) > 0);
        assertDense();
    }

    /** Records of ten keys whose values tell their offset. */
    private static UnsafeBuffer[] numbered(long baseOffset, int count) {
        UnsafeBuffer[] records = new UnsafeBuffer[count];
        for (int i = 0; i < count; i++) {
            records[i] = record("k" + i % 10, "" + (baseOffset + i));
        }
        return records;
    }

    private long readBeside(long endOffset, AtomicLong published, boolean opensAnew) {
        AtomicLong records = new AtomicLong();
        long nextOffset = 0;
        LogCursor cursor = log.newCursor();
        while (nextOffset < endOffset) {
            if (opensAnew) {
                cursor.close();
                cursor = log.newCursor();
                cursor.seek(nextOffset);
            }
            if (!cursor.next(published.getAcquire())) {
                continue;
            }
            long sought = nextOffset;
            assertTrue(BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()) <= sought);
            forEachRecord(cursor, (offset, record) -> {
                assertTrue(offset >= sought);
                assertEquals(Long.toString(offset), record.value());
                records.incrementAndGet();
            });
            long batchEndOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
            assertTrue(batchEndOffset > nextOffset);
            nextOffset = batchEndOffset;
        }
        cursor.close();
        return records.get();
    }

    // ---- random walk

    static LongStream seeds() {
        return LongStream.range(0, 12);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void keepsWhatItMustWhateverHappens(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        boolean deletes = seed % 3 == 2;
        long lagMs = seed % 2 == 0 ? 0 : 3_000;
        double ratio = seed % 4 == 3 ? 0.5 : 0;
        LogSettings settings = LogSettings.defaults()
                .withSegmentBytes(SEGMENT_BYTES)
                .withRetentionMs(60_000)
                .withCleanup(new CleanupSettings(
                        deletes ? CleanupPolicy.COMPACT_DELETE : CleanupPolicy.COMPACT,
                        ratio,
                        lagMs,
                        DELETE_RETENTION_MS));
        reopen(settings);
        long limitOffset = 0;
        int vanished = 0;
        List<ModelCursor> cursors = new ArrayList<>();
        for (int step = 0; step < 600; step++) {
            String message = "seed=" + seed + ", step=" + step;
            switch (random.nextInt(12)) {
                case 0 -> {
                    limitOffset = Math.max(limitOffset, random.nextLong(log.endOffset() + 1));
                    log.compact(limitOffset, () -> false);
                }
                case 1 -> {
                    if (random.nextInt(4) == 0) {
                        log.truncate(random.nextLong(limitOffset, log.endOffset() + 1));
                        // The batch that holds the limit goes as a whole, and what is below was not compacted away for
                        // it.
                        written.tailMap(log.endOffset()).clear();
                        limitOffset = Math.min(limitOffset, log.endOffset());
                        cursors.forEach(cursor -> cursor.truncated(log.endOffset()));
                    }
                }
                case 2 -> {
                    if (random.nextInt(4) == 0) {
                        cursors.forEach(ModelCursor::close);
                        cursors.clear();
                        reopen(settings);
                    }
                }
                case 3 -> {
                    if (deletes) {
                        log.deleteOld();
                    }
                }
                case 4 -> clock.advance(random.nextInt(4_000));
                case 5 -> cursors.add(new ModelCursor(log.newCursor(), log.startOffset()));
                case 6, 7 -> cursors.forEach(cursor -> cursor.next(random.nextInt(20), message));
                default -> appendRandom(random);
            }
            if (cursors.size() > 4) {
                cursors.remove(random.nextInt(cursors.size())).close();
            }
            if (step % 5 == 0) {
                vanished = Math.max(vanished, assertKeepsWhatItMust(limitOffset, lagMs, message));
            }
        }
        assertKeepsWhatItMust(limitOffset, lagMs, "seed=" + seed);
        cursors.forEach(cursor -> cursor.next(Integer.MAX_VALUE, "seed=" + seed));
        cursors.forEach(ModelCursor::close);
        assertTrue(vanished > 100, "seed=" + seed + ", vanished=" + vanished);
    }

    private void appendRandom(RandomGenerator random) {
        int batches = random.nextInt(1, 6);
        for (int i = 0; i < batches; i++) {
            UnsafeBuffer[] records = new UnsafeBuffer[random.nextInt(1, 8)];
            for (int n = 0; n < records.length; n++) {
                String key = random.nextInt(30) == 0 ? null : "key-" + random.nextInt(20);
                String value = random.nextInt(5) == 0 ? null : "v".repeat(random.nextInt(300));
                records[n] = record(key, value);
            }
            append(records);
        }
    }

    /** Answers how many records went that were not deleted with their file. */
    private int assertKeepsWhatItMust(long limitOffset, long lagMs, String message) {
        assertDense();
        long startOffset = log.startOffset();
        TreeMap<Long, WrittenRecord> left = readAll();
        Map<String, Long> lastOffsets = new HashMap<>();
        written.tailMap(startOffset).forEach((offset, record) -> {
            if (record.key() != null) {
                lastOffsets.put(record.key(), offset);
            }
        });
        int vanished = 0;
        for (Map.Entry<Long, WrittenRecord> entry : written.tailMap(startOffset).entrySet()) {
            long offset = entry.getKey();
            WrittenRecord record = entry.getValue();
            boolean isLast = record.key() == null || lastOffsets.get(record.key()) == offset;
            long ageMs = clock.epochMs() - record.timestamp();
            boolean isOldTombstone = record.key() != null && record.value() == null && ageMs >= DELETE_RETENTION_MS;
            boolean mustStay = (isLast && !isOldTombstone) || ageMs < lagMs || offset >= limitOffset;
            String place = message + ", offset=" + offset + ", limitOffset=" + limitOffset;
            assertTrue(left.containsKey(offset) || !mustStay, place);
            vanished += left.containsKey(offset) ? 0 : 1;
            // A tombstone that went must not have hidden anything.
            long last = record.key() == null ? offset : lastOffsets.get(record.key());
            assertTrue(left.containsKey(last) || !left.containsKey(offset), place + ", last=" + last);
        }
        return vanished;
    }

    /** Reads on, whatever happens to the log: what it sees goes forward, and is what was written. */
    private final class ModelCursor {
        private final LogCursor cursor;
        private long nextOffset;

        ModelCursor(LogCursor cursor, long nextOffset) {
            this.cursor = cursor;
            this.nextOffset = nextOffset;
        }

        void truncated(long endOffset) {
            if (nextOffset > endOffset) {
                nextOffset = endOffset;
                cursor.seek(endOffset);
            }
        }

        void next(int batches, String message) {
            if (nextOffset < log.startOffset()) {
                nextOffset = log.startOffset();
                cursor.seek(nextOffset);
            }
            for (int i = 0; i < batches; i++) {
                long before = nextOffset;
                boolean isThere = cursor.next(log.endOffset());
                assertEquals(before < log.endOffset(), isThere, message);
                if (!isThere) {
                    break;
                }
                assertTrue(BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()) <= before, message);
                forEachRecord(cursor, (offset, record) -> {
                    assertTrue(offset >= before, message);
                    assertEquals(written.get(offset), record, message);
                });
                nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                assertTrue(nextOffset > before, message);
            }
        }

        void close() {
            cursor.close();
        }
    }

    // ---- what the tests above are told in

    private record WrittenRecord(String key, String value, long timestamp) {}

    private interface RecordVisitor {
        void onRecord(long offset, WrittenRecord record);
    }

    private static LogSettings settings(double minCleanableDirtyRatio) {
        return LogSettings.defaults()
                .withSegmentBytes(SEGMENT_BYTES)
                .withCleanup(
                        new CleanupSettings(CleanupPolicy.COMPACT, minCleanableDirtyRatio, 0, DELETE_RETENTION_MS));
    }

    private boolean compact() {
        return log.compact(log.endOffset(), () -> false);
    }

    private void reopen(LogSettings settings) {
        store.close();
        store = storage.open(clock);
        log = store.openLog("log", settings);
    }

    private static UnsafeBuffer record(String key, String value) {
        return Batches.record(
                -1, key == null ? null : key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
    }

    private void append(UnsafeBuffer... records) {
        UnsafeBuffer batch = batch(records);
        log.append(batch, 0, batch.capacity());
        forEachRecord(batch, 0, written::put);
    }

    private UnsafeBuffer batch(UnsafeBuffer... records) {
        BatchBuilder builder = new BatchBuilder();
        for (UnsafeBuffer record : records) {
            builder.add(record, 0, record.capacity(), clock.epochMs());
        }
        builder.finish(log.endOffset());
        return new UnsafeBuffer(Batches.bytes(builder.buffer(), 0));
    }

    /** So many batches, in each a record of each key; some files of them. */
    private void appendRounds(int rounds, int keys) {
        for (int round = 0; round < rounds; round++) {
            UnsafeBuffer[] records = new UnsafeBuffer[keys];
            for (int key = 0; key < keys; key++) {
                records[key] = record("k" + key, "v".repeat(150) + round);
            }
            append(records);
        }
    }

    private void appendDistinct(int count) {
        for (int i = 0; i < count; i++) {
            append(record("distinct-" + log.endOffset(), "v".repeat(150)));
        }
    }

    /** Seals what was appended before, by so much that it would not fit into one file. */
    private void fillAFile() {
        fillAFile((int) SEGMENT_BYTES);
    }

    private void fillAFile(int bytes) {
        while (bytes > 0) {
            UnsafeBuffer filler = record("filler-" + log.endOffset(), "f".repeat(4_000));
            append(filler);
            bytes -= filler.capacity();
        }
    }

    private byte[] appendMarked(int field, byte value) {
        // A producer's batch is data: it would lose its records to later ones of their keys.
        boolean isData = field == BatchLayout.PRODUCER_ID;
        UnsafeBuffer batch = batch(record(isData ? "p1" : "k1", "marked"), record(isData ? "p2" : "k2", "marked"));
        if (isData) {
            batch.putLong(field, value, LITTLE_ENDIAN);
        } else {
            batch.putByte(field, value);
        }
        batch.putInt(BatchLayout.CRC32C, new Crc32c().compute(batch, 0), LITTLE_ENDIAN);
        log.append(batch, 0, batch.capacity());
        return Batches.bytes(batch, 0);
    }

    private List<byte[]> batches() {
        List<byte[]> batches = new ArrayList<>();
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                batches.add(Batches.bytes(cursor.buffer(), cursor.batchIndex()));
            }
        }
        return batches;
    }

    private static void assertEqualBatches(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i));
        }
    }

    /** Each batch begins where the one before ends, and is whole. */
    private void assertDense() {
        Crc32c crc = new Crc32c();
        try (LogCursor cursor = log.newCursor()) {
            long nextOffset = log.startOffset();
            while (cursor.next(log.endOffset())) {
                assertEquals(nextOffset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                assertTrue(crc.matches(cursor.buffer(), cursor.batchIndex()));
                nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
            }
            assertEquals(log.endOffset(), nextOffset);
        }
    }

    private void assertLastValues() {
        Map<Long, WrittenRecord> left = readAll();
        Map<String, Long> lastOffsets = new HashMap<>();
        written.tailMap(log.startOffset()).forEach((offset, record) -> lastOffsets.put(record.key(), offset));
        lastOffsets.forEach((key, offset) -> assertTrue(left.containsKey(offset), key));
    }

    private long firstOffsetOf(String key) {
        return readAll().entrySet().stream()
                .filter(entry -> key.equals(entry.getValue().key()))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    /** Every record that is there, and is what was written. */
    private TreeMap<Long, WrittenRecord> readAll() {
        TreeMap<Long, WrittenRecord> left = new TreeMap<>();
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                forEachRecord(cursor, (offset, record) -> {
                    assertEquals(written.get(offset), record, "offset=" + offset);
                    assertNull(left.put(offset, record));
                });
            }
        }
        return left;
    }

    private static void forEachRecord(LogCursor cursor, RecordVisitor visitor) {
        forEachRecord(new UnsafeBuffer(Batches.bytes(cursor.buffer(), cursor.batchIndex())), 0, visitor);
    }

    private static void forEachRecord(UnsafeBuffer buffer, int batch, RecordVisitor visitor) {
        RecordFlyweight record = new RecordFlyweight();
        record.enter(buffer, batch);
        int count = 0;
        long former = BatchLayout.baseOffset(buffer, batch) - 1;
        int end = BatchLayout.frameLength(buffer, batch);
        for (int next = BatchLayout.HEADER_LENGTH; next < end; count++) {
            next = record.moveTo(next);
            assertTrue(next > 0);
            assertTrue(record.offset() > former && record.offset() < BatchLayout.endOffset(buffer, batch));
            assertTrue(record.timestamp() <= BatchLayout.maxTimestamp(buffer, batch));
            former = record.offset();
            visitor.onRecord(
                    former,
                    new WrittenRecord(
                            text(record.buffer(), record.keyIndex(), record.keyLength()),
                            text(record.buffer(), record.valueIndex(), record.valueLength()),
                            record.timestamp()));
        }
        assertEquals(BatchLayout.recordCount(buffer, batch), count);
    }

    private static String text(DirectBuffer buffer, int index, int length) {
        return length < 0 ? null : buffer.getStringWithoutLengthUtf8(index, length);
    }
}
