package io.tidemill.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.errors.BrokerLockedException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.runtime.JvmAccess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
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
 * What every {@link Storage} keeps (promise Z03). An implementation passes by a test class that extends this one and
 * says where its storage comes from. The class is public so that other modules can do so.
 */
public abstract class LogStoreContract {
    private static final int MIB = 1024 * 1024;

    static {
        JvmAccess.ensureAgrona();
    }

    private final SetClock clock = new SetClock(1_700_000_000_000L);

    private Storage storage;
    private LogStore store;
    private PartitionLog log;

    /** A place where nothing is stored yet; called once for each test. */
    protected abstract Storage newStorage();

    /** How the logs of these tests are kept. */
    protected LogSettings settings() {
        return LogSettings.defaults();
    }

    /** The same place, as a process that starts anew would see it. */
    protected Storage samePlace(Storage storage) {
        return storage;
    }

    @BeforeEach
    final void openEmptyLog() {
        storage = newStorage();
        store = storage.open(clock);
        log = store.openLog("log", settings());
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    // ---- append and read

    @Test
    void emptyLogStartsAndEndsAtZeroAndGivesNothing() {
        assertEquals(0, log.startOffset());
        assertEquals(0, log.endOffset());
        try (LogCursor cursor = log.newCursor()) {
            assertFalse(cursor.next(0));
            cursor.seek(0);
            assertFalse(cursor.next(0));
        }
    }

    @Test
    void tellsWhatItHoldsAlsoOnceItIsClosed() {
        assertEquals(0, log.bytes());
        long appended = 0;
        for (byte[] batch : appendNumbered(1, 5, 100)) {
            appended += batch.length;
        }

        long bytes = log.bytes();

        // Whatever stands between the batches is counted or not.
        assertTrue(bytes >= appended && bytes < 2 * appended + 1024, "bytes=" + bytes + ", appended=" + appended);
        store.close();
        assertEquals(bytes, log.bytes());
    }

    @Test
    void readsBackEveryBatchByteForByte() {
        List<byte[]> appended = appendNumbered(1, 5, 100, 1, 37);

        assertEquals(0, log.startOffset());
        assertEquals(144, log.endOffset());
        assertBatches(appended, log);
    }

    @Test
    void appendsFromTheMiddleOfABufferAndDoesNotKeepIt() {
        byte[] batch = Batches.bytes(Batches.numbered(0, 3), 0);
        UnsafeBuffer source = new UnsafeBuffer(new byte[batch.length + 128]);
        source.putBytes(64, batch);

        log.append(source, 64, batch.length);
        source.setMemory(0, source.capacity(), (byte) 0xff);

        assertBatches(List.of(batch), log);
    }

    @Test
    void appendsFromOffHeapMemory() {
        UnsafeBuffer batch = Batches.numbered(0, 3);
        UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(batch.capacity()));
        direct.putBytes(0, batch, 0, batch.capacity());

        log.append(direct, 0, direct.capacity());

        assertBatches(List.of(Batches.bytes(batch, 0)), log);
    }

    @Test
    void keepsBatchesOfEverySizeUpToTheLargest() {
        List<byte[]> appended = new ArrayList<>();
        for (int batchBytes : new int[] {96, MIB, 128, 3 * MIB, log.batchBytesMax() & -BatchLayout.ALIGNMENT, 96}) {
            if (batchBytes <= log.batchBytesMax()) {
                appended.add(append(log, Batches.ofBytes(log.endOffset(), batchBytes)));
            }
        }

        assertBatches(appended, log);
        reopen();
        assertBatches(appended, log);
    }

    @Test
    void keepsManySmallBatches() {
        int batchCount = 50_000;
        for (int offset = 0; offset < batchCount; offset++) {
            append(log, Batches.numbered(offset, 1));
        }

        Crc32c crc = new Crc32c();
        try (LogCursor cursor = log.newCursor()) {
            for (int offset = 0; offset < batchCount; offset++) {
                assertTrue(cursor.next(batchCount));
                assertEquals(offset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                Batches.checkNumbered(crc, cursor.buffer(), cursor.batchIndex());
            }
            assertFalse(cursor.next(batchCount));
        }
    }

    @Test
    void logsAreIndependent() {
        PartitionLog other = store.openLog("other", settings());
        List<byte[]> appended = appendNumbered(2, 3);
        byte[] elsewhere = append(other, Batches.numbered(0, 9));

        assertEquals(5, log.endOffset());
        assertEquals(9, other.endOffset());
        assertBatches(appended, log);
        assertBatches(List.of(elsewhere), other);
    }

    // ---- what is refused

    @ParameterizedTest
    @ValueSource(longs = {0, 4, 6, -1, Long.MAX_VALUE})
    void refusesABatchThatDoesNotBeginAtTheEnd(long baseOffset) {
        List<byte[]> appended = appendNumbered(5);

        assertRefused(Batches.of(baseOffset, new byte[3]), appended);
    }

    @Test
    void refusesABatchThatIsTooLarge() {
        List<byte[]> appended = appendNumbered(5);
        int tooLarge = (log.batchBytesMax() & -BatchLayout.ALIGNMENT) + BatchLayout.ALIGNMENT;

        assertRefused(Batches.ofBytes(5, tooLarge), appended);
    }

    @ParameterizedTest
    @ValueSource(ints = {-8, 8})
    void refusesALengthThatIsNotTheFrameLength(int difference) {
        UnsafeBuffer source = new UnsafeBuffer(new byte[1024]);
        byte[] batch = Batches.bytes(Batches.numbered(0, 1), 0);
        source.putBytes(0, batch);

        assertThrows(IllegalArgumentException.class, () -> log.append(source, 0, batch.length + difference));
        assertEquals(0, log.endOffset());
    }

    private void assertRefused(DirectBuffer batch, List<byte[]> appended) {
        assertThrows(IllegalArgumentException.class, () -> log.append(batch, 0, batch.capacity()));

        assertEquals(5, log.endOffset());
        appended.add(append(log, Batches.numbered(5, 2)));
        assertBatches(appended, log);
    }

    // ---- cursors

    @Test
    void seekFindsTheBatchThatHoldsTheOffset() {
        List<byte[]> appended = appendNumbered(1, 2, 100, 1, 300, 7, 1000, 1, 1);
        long endOffset = log.endOffset();

        try (LogCursor cursor = log.newCursor()) {
            for (long offset = endOffset - 1; offset >= 0; offset--) {
                cursor.seek(offset);
                assertTrue(cursor.next(endOffset));
                assertArrayEquals(holderOf(offset, appended), current(cursor));
            }
            cursor.seek(Long.MIN_VALUE);
            assertTrue(cursor.next(endOffset));
            assertArrayEquals(appended.get(0), current(cursor));
        }
    }

    @Test
    void readsOnFromTheBatchThatWasSought() {
        List<byte[]> appended = appendNumbered(10, 10, 10, 10);

        try (LogCursor cursor = log.newCursor()) {
            cursor.seek(15);

            assertRest(appended.subList(1, 4), cursor, 40);
        }
    }

    @Test
    void neverGivesABatchThatIsPartlyAboveTheLimit() {
        List<byte[]> appended = appendNumbered(5, 5);

        try (LogCursor cursor = log.newCursor()) {
            assertFalse(cursor.next(0));
            assertFalse(cursor.next(4));
            assertRest(appended.subList(0, 1), cursor, 5);
            assertFalse(cursor.next(9));
            assertRest(appended.subList(1, 2), cursor, 10);
        }
    }

    @Test
    void aCursorAtTheEndSeesWhatIsAppendedLater() {
        try (LogCursor fromEmpty = log.newCursor();
                LogCursor sought = log.newCursor()) {
            assertFalse(fromEmpty.next(0));
            for (int i = 0; i < 100; i++) {
                long endOffset = log.endOffset();
                sought.seek(endOffset);
                assertFalse(sought.next(endOffset));
                byte[] batch = append(log, Batches.numbered(endOffset, 50));

                assertRest(List.of(batch), fromEmpty, log.endOffset());
                assertRest(List.of(batch), sought, log.endOffset());
            }
        }
    }

    @Test
    void aCursorBeyondTheEndWaitsForItsOffset() {
        appendNumbered(5);

        try (LogCursor cursor = log.newCursor()) {
            cursor.seek(12);
            assertFalse(cursor.next(5));
            appendNumbered(5);
            assertFalse(cursor.next(10));
            byte[] batch = append(log, Batches.numbered(10, 5));
            assertRest(List.of(batch), cursor, 15);
        }
    }

    @Test
    void cursorsDoNotDisturbEachOther() {
        List<byte[]> appended = appendNumbered(3, 4, 5, 6);

        try (LogCursor behind = log.newCursor()) {
            try (LogCursor ahead = log.newCursor()) {
                ahead.seek(7);
                for (int i = 0; i < 2; i++) {
                    assertTrue(ahead.next(18));
                    assertTrue(behind.next(18));
                    assertArrayEquals(appended.get(i + 2), current(ahead));
                    assertArrayEquals(appended.get(i), current(behind));
                }
            }
            assertRest(appended.subList(2, 4), behind, 18);
        }
    }

    @Test
    void aCursorOnAClosedLogKeepsItsBatchAndReadsNothingMore() {
        List<byte[]> appended = appendNumbered(5, 5);

        try (LogCursor cursor = log.newCursor()) {
            assertTrue(cursor.next(10));
            DirectBuffer buffer = cursor.buffer();
            int batchIndex = cursor.batchIndex();
            log.close();

            assertArrayEquals(appended.get(0), Batches.bytes(buffer, batchIndex));
            assertFalse(cursor.next(10));
            cursor.seek(0);
            assertFalse(cursor.next(10));
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void readersBesideTheWriterSeeWholeBatchesOnly() throws Exception {
        int recordCount = 200_000;
        AtomicLong published = new AtomicLong();
        ExecutorService readers = Executors.newFixedThreadPool(2);
        try {
            Future<?> follower = readers.submit(() -> readAllNumbered(recordCount, published, 0));
            Future<?> returner = readers.submit(() -> readAllNumbered(recordCount, published, 500));
            RandomGenerator random = new SplittableRandom(1);
            for (long endOffset = 0; endOffset < recordCount; ) {
                int count = (int) Math.min(recordCount - endOffset, random.nextInt(1, 100));
                append(log, Batches.numbered(endOffset, count));
                endOffset += count;
                published.setRelease(endOffset);
            }
            follower.get(30, TimeUnit.SECONDS);
            returner.get(30, TimeUnit.SECONDS);
        } finally {
            readers.shutdownNow();
        }
    }

    /** With {@code batchesPerReturn} above 0 it goes back by some records each time it has read so many batches. */
    private void readAllNumbered(long recordCount, AtomicLong published, int batchesPerReturn) {
        Crc32c crc = new Crc32c();
        try (LogCursor cursor = log.newCursor()) {
            long nextOffset = 0;
            int batches = 0;
            while (nextOffset < recordCount && !Thread.currentThread().isInterrupted()) {
                if (!cursor.next(published.getAcquire())) {
                    Thread.yield();
                    continue;
                }
                long baseOffset = BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex());
                assertTrue(baseOffset <= nextOffset, () -> "gap before baseOffset=" + baseOffset);
                Batches.checkNumbered(crc, cursor.buffer(), cursor.batchIndex());
                long endOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                assertTrue(endOffset > nextOffset, () -> "read twice: endOffset=" + endOffset);
                nextOffset = endOffset;
                if (batchesPerReturn > 0 && ++batches % batchesPerReturn == 0) {
                    nextOffset -= Math.min(nextOffset, 5_000);
                    cursor.seek(nextOffset);
                }
            }
            assertEquals(recordCount, nextOffset);
        }
    }

    // ---- open, close, delete

    @Test
    void reopenKeepsEverythingAndContinuesOffsets() {
        List<byte[]> appended = appendNumbered(3, 4);

        for (int round = 0; round < 3; round++) {
            reopen();
            assertEquals(0, log.startOffset());
            assertEquals(7 + 5 * round, log.endOffset());
            assertBatches(appended, log);
            appended.addAll(appendNumbered(5));
            assertBatches(appended, log);
        }
    }

    @Test
    void reopensALogWithinAnOpenStore() {
        List<byte[]> appended = appendNumbered(3);
        PartitionLog former = log;
        log.flush();
        log.close();

        log = store.openLog("log", settings());
        former.close();

        appended.addAll(appendNumbered(4));
        assertBatches(appended, log);
        assertThrows(IllegalStateException.class, () -> store.openLog("log"));
    }

    @Test
    void opensALogOnceAtATime() {
        assertThrows(IllegalStateException.class, () -> store.openLog("log"));

        assertBatches(appendNumbered(1), log);
    }

    @Test
    void namesEveryLogOpenOrNot() {
        store.openLog("A-b_c.0").close();
        store.openLog("n".repeat(255)).close();
        Set<String> names = Set.of("log", "A-b_c.0", "n".repeat(255));

        assertEquals(names, store.logNames());
        reopen();
        assertEquals(names, store.logNames());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "..", ".", "a\\b", "a b", "ä", "a\n"})
    void refusesNamesThatCouldMeanAnotherPlace(String name) {
        assertThrows(IllegalArgumentException.class, () -> store.openLog(name));
        assertThrows(IllegalArgumentException.class, () -> store.deleteLog(name));
        assertThrows(IllegalArgumentException.class, () -> store.stateFile(name));
        assertThrows(IllegalArgumentException.class, () -> store.openLog("n".repeat(256)));
    }

    @Test
    void aDeletedLogIsGoneAndItsNameStartsAnew() {
        appendNumbered(5);
        store.openLog("other").close();
        log.close();

        store.deleteLog("log");
        store.deleteLog("never-existed");

        assertEquals(Set.of("other"), store.logNames());
        reopen();
        assertEquals(0, log.endOffset());
        assertBatches(appendNumbered(2), log);
    }

    @Test
    void anOpenLogCannotBeDeleted() {
        List<byte[]> appended = appendNumbered(5);

        assertThrows(IllegalStateException.class, () -> store.deleteLog("log"));

        assertBatches(appended, log);
    }

    @Test
    void aStorageIsOpenOnceAtATime() {
        assertThrows(BrokerLockedException.class, () -> samePlace(storage).open(clock));

        LogStore former = store;
        reopen();
        former.close();
        assertThrows(BrokerLockedException.class, () -> samePlace(storage).open(clock));
        assertBatches(appendNumbered(1), log);
    }

    @Test
    void placesAreIndependent() {
        Storage elsewhere = newStorage();
        appendNumbered(5);

        try (LogStore other = elsewhere.open(clock)) {
            assertEquals(Set.of(), other.logNames());
        }
    }

    @Test
    void aClosedLogRefusesEverything() {
        UnsafeBuffer batch = Batches.numbered(0, 1);

        log.close();
        log.close();

        assertRefusesEverything(log, batch);
    }

    @Test
    void aClosedStoreRefusesEverythingAndHasClosedItsLogs() {
        UnsafeBuffer batch = Batches.numbered(0, 1);

        store.close();
        store.close();

        assertRefusesEverything(log, batch);
        assertThrows(IllegalStateException.class, () -> store.openLog("log"));
        assertThrows(IllegalStateException.class, () -> store.deleteLog("log"));
        assertThrows(IllegalStateException.class, () -> store.logNames());
        assertThrows(IllegalStateException.class, () -> store.stateFile("state"));
    }

    private static void assertRefusesEverything(PartitionLog log, DirectBuffer batch) {
        List<Consumer<PartitionLog>> calls = List.of(
                PartitionLog::startOffset,
                PartitionLog::endOffset,
                PartitionLog::flush,
                PartitionLog::newCursor,
                closed -> closed.beginAt(7),
                closed -> closed.append(batch, 0, batch.capacity()));
        for (Consumer<PartitionLog> call : calls) {
            assertThrows(IllegalStateException.class, () -> call.accept(log));
        }
    }

    // ---- state files

    @Test
    void aStateFileIsNullUntilItIsWritten() {
        StateFile state = store.stateFile("state");
        assertNull(state.read());

        state.write(new byte[0]);

        assertArrayEquals(new byte[0], state.read());
        assertEquals(Set.of("log"), store.logNames());
    }

    @Test
    void aStateFileIsReplacedAsAWholeAndKept() {
        byte[] large = new byte[100_000];
        new SplittableRandom(1).nextBytes(large);
        byte[] small = {1, 2, 3};
        for (byte[] content : List.of(small, large, small)) {
            store.stateFile("state").write(content);

            assertArrayEquals(content, store.stateFile("state").read());
            reopen();
            assertArrayEquals(content, store.stateFile("state").read());
        }
    }

    @Test
    void stateFilesAreIndependentOfEachOtherAndOfLogs() {
        store.stateFile("log").write(new byte[] {1});
        store.stateFile("b").write(new byte[] {2});
        List<byte[]> appended = appendNumbered(1);
        reopen();

        assertArrayEquals(new byte[] {1}, store.stateFile("log").read());
        assertArrayEquals(new byte[] {2}, store.stateFile("b").read());
        assertBatches(appended, log);
    }

    @Test
    void stateFilesGiveAndTakeCopies() {
        StateFile state = store.stateFile("state");
        byte[] content = {1, 2, 3};

        state.write(content);
        content[0] = 9;
        state.read()[1] = 9;

        assertArrayEquals(new byte[] {1, 2, 3}, state.read());
    }

    @Test
    void aStateFileThatIsDeletedWasNeverWritten() {
        StateFile state = store.stateFile("state");
        state.delete();
        state.write(new byte[] {1});

        state.delete();

        assertNull(state.read());
        reopen();
        assertNull(store.stateFile("state").read());
        store.stateFile("state").write(new byte[] {2});
        assertArrayEquals(new byte[] {2}, store.stateFile("state").read());
    }

    @Test
    void hasLostNothingOnceItWasClosed() {
        assertFalse(store.mayHaveLostTails());

        reopen();

        assertFalse(store.mayHaveLostTails());
    }

    // ---- random walk

    static LongStream seeds() {
        return LongStream.range(0, 20);
    }

    /** The model of a log is the list of its batches; the model of a cursor is the offset that it wants next. */
    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void behavesAsAListOfBatches(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        List<byte[]> model = new ArrayList<>();
        List<ModelCursor> cursors = new ArrayList<>();
        for (int step = 0; step < 2_000; step++) {
            long endOffset = log.endOffset();
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> model.add(append(log, randomBatch(random, endOffset)));
                case 3 -> cursors.add(new ModelCursor(log.newCursor()));
                case 4 -> withRandom(cursors, random, cursor -> cursor.seek(random.nextLong(-2, endOffset + 10)));
                case 5 -> {
                    if (random.nextInt(20) == 0) {
                        cursors.forEach(ModelCursor::close);
                        cursors.clear();
                        reopen();
                    }
                }
                case 6 -> log.flush();
                default -> {
                    long limitOffset = random.nextBoolean() ? endOffset : random.nextLong(endOffset + 1);
                    withRandom(cursors, random, cursor -> cursor.next(limitOffset, model));
                }
            }
            if (cursors.size() > 8) {
                cursors.remove(random.nextInt(cursors.size())).close();
            }
        }
        cursors.forEach(ModelCursor::close);
        assertBatches(model, log);
    }

    private static UnsafeBuffer randomBatch(RandomGenerator random, long baseOffset) {
        byte[][] values = new byte[random.nextInt(1, 20)][];
        for (int i = 0; i < values.length; i++) {
            values[i] = new byte[random.nextInt(random.nextInt(50) == 0 ? 20_000 : 200)];
            random.nextBytes(values[i]);
        }
        return Batches.of(baseOffset, values);
    }

    private static void withRandom(List<ModelCursor> cursors, RandomGenerator random, Consumer<ModelCursor> act) {
        if (!cursors.isEmpty()) {
            act.accept(cursors.get(random.nextInt(cursors.size())));
        }
    }

    private static final class ModelCursor {
        private final LogCursor cursor;
        private long nextOffset;

        ModelCursor(LogCursor cursor) {
            this.cursor = cursor;
        }

        void seek(long offset) {
            cursor.seek(offset);
            nextOffset = Math.max(offset, 0);
        }

        void next(long limitOffset, List<byte[]> model) {
            byte[] expected = holderOf(nextOffset, model);
            boolean visible = expected != null && endOffset(expected) <= limitOffset;
            assertEquals(visible, cursor.next(limitOffset));
            if (visible) {
                assertArrayEquals(expected, current(cursor));
                nextOffset = endOffset(expected);
            }
        }

        void close() {
            cursor.close();
        }
    }

    // ---- truncation

    @Test
    void forgetsTheBatchesThatHoldAnOffsetOrLieBehindIt() {
        List<byte[]> appended = appendNumbered(3, 4, 5);

        log.truncate(6);

        assertEquals(3, log.endOffset());
        assertBatches(appended.subList(0, 1), log);
        assertThrows(IllegalArgumentException.class, () -> append(log, Batches.numbered(12, 1)));
        byte[] other = append(log, Batches.numbered(3, 50));
        assertBatches(List.of(appended.get(0), other), log);
        reopen();
        assertBatches(List.of(appended.get(0), other), log);
    }

    @Test
    void forgetsNothingAtItsEndAndEverythingAtItsStart() {
        List<byte[]> appended = appendNumbered(3, 4);

        log.truncate(7);
        log.truncate(Long.MAX_VALUE);
        assertBatches(appended, log);
        assertThrows(IllegalArgumentException.class, () -> log.truncate(-1));

        log.truncate(0);
        assertEquals(0, log.endOffset());
        log.truncate(0);
        reopen();
        assertEquals(0, log.endOffset());
        assertBatches(appendNumbered(2), log);
    }

    /** A cursor that stands right where the log was cut reads what is appended there, and not what was there before. */
    @Test
    void cursorsGoOnWithWhatIsAppendedAfterATruncation() {
        List<byte[]> appended = appendNumbered(3, 4, 5);
        try (LogCursor atTheCut = log.newCursor();
                LogCursor below = log.newCursor()) {
            assertTrue(atTheCut.next(3));
            assertEquals(0, BatchLayout.baseOffset(atTheCut.buffer(), atTheCut.batchIndex()));

            log.truncate(3);

            assertFalse(atTheCut.next(3));
            byte[] other = append(log, Batches.numbered(3, 2));
            assertRest(List.of(other), atTheCut, log.endOffset());
            assertRest(List.of(appended.get(0), other), below, log.endOffset());
        }
    }

    // ---- beginning elsewhere

    @ParameterizedTest
    @ValueSource(longs = {0, 5, 12, 500, 5_000_000_000L})
    void forgetsEverythingAndGoesOnWhereItIsTold(long startOffset) {
        appendNumbered(3, 4, 5);

        log.beginAt(startOffset);

        assertEquals(startOffset, log.startOffset());
        assertEquals(startOffset, log.endOffset());
        assertEquals(0, log.bytes());
        assertBatches(List.of(), log);
        assertThrows(IllegalArgumentException.class, () -> append(log, Batches.numbered(startOffset + 1, 1)));
        List<byte[]> appended = appendNumbered(2, 30);
        assertBatches(appended, log);
        reopen();
        assertEquals(startOffset, log.startOffset());
        appended.addAll(appendNumbered(1));
        assertBatches(appended, log);
    }

    @Test
    void isStillEmptyThereWhenItIsOpenedAnew() {
        log.beginAt(70);

        reopen();

        assertEquals(70, log.startOffset());
        assertEquals(70, log.endOffset());
        assertBatches(appendNumbered(2), log);
        assertEquals(72, log.endOffset());
    }

    @Test
    void beginsAnywhereAsOftenAsItIsTold() {
        for (long startOffset : new long[] {10, 10, 3, 0, 1_000, 999}) {
            log.beginAt(startOffset);

            assertEquals(startOffset, log.startOffset());
            assertEquals(startOffset, log.endOffset());
            assertThrows(IllegalArgumentException.class, () -> log.beginAt(-1));
        }
        assertBatches(appendNumbered(3, 4), log);
        assertThrows(IllegalArgumentException.class, () -> log.truncate(998));
        log.truncate(1_002);
        assertEquals(1_002, log.endOffset());
        log.truncate(999);
        assertEquals(999, log.startOffset());
        assertEquals(999, log.endOffset());
    }

    /** What they read is what was there or what is there now. */
    @Test
    void readersThatAreThereWhenItBeginsElsewhereGoOnFromItsStart() {
        List<byte[]> appended = appendNumbered(3, 4, 5);
        try (LogCursor atTheEnd = log.newCursor();
                LogCursor inside = log.newCursor();
                LogCursor before = log.newCursor()) {
            assertRest(appended, atTheEnd, 12);
            assertTrue(inside.next(12));

            log.beginAt(500);

            assertFalse(atTheEnd.next(500));
            assertArrayEquals(appended.get(0), current(inside));
            List<byte[]> anew = appendNumbered(2, 2);
            for (LogCursor cursor : List.of(atTheEnd, inside, before)) {
                List<byte[]> read = new ArrayList<>();
                while (cursor.next(504)) {
                    read.add(current(cursor));
                }
                List<byte[]> ofNow = read.subList(read.size() - 2, read.size());
                assertArrayEquals(anew.get(0), ofNow.get(0));
                assertArrayEquals(anew.get(1), ofNow.get(1));
                List<byte[]> ofBefore = read.subList(0, read.size() - 2);
                assertTrue(ofBefore.stream()
                        .allMatch(batch -> appended.stream().anyMatch(other -> Arrays.equals(other, batch))));
            }
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void readersBesideAWriterThatBeginsElsewhereSeeWholeBatchesOnly() throws Exception {
        long lastOffset = 30_000;
        AtomicLong published = new AtomicLong();
        ExecutorService readers = Executors.newSingleThreadExecutor();
        try {
            Future<Long> reader = readers.submit(() -> readUpTo(lastOffset, published));
            RandomGenerator random = new SplittableRandom(1);
            while (log.endOffset() <= lastOffset) {
                if (random.nextInt(20) == 0) {
                    log.beginAt(log.endOffset() + random.nextInt(500));
                }
                append(log, Batches.numbered(log.endOffset(), random.nextInt(1, 100)));
                published.setRelease(log.endOffset());
            }

            assertTrue(reader.get(30, TimeUnit.SECONDS) > 0);
        } finally {
            readers.shutdownNow();
        }
    }

    /** How many batches it saw. */
    private long readUpTo(long lastOffset, AtomicLong published) {
        Crc32c crc = new Crc32c();
        long batches = 0;
        long nextOffset = 0;
        try (LogCursor cursor = log.newCursor()) {
            while (nextOffset <= lastOffset) {
                try {
                    if (cursor.next(published.getAcquire())) {
                        long baseOffset = BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex());
                        assertTrue(baseOffset >= nextOffset, "read twice: baseOffset=" + baseOffset);
                        Batches.checkNumbered(crc, cursor.buffer(), cursor.batchIndex());
                        nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                        batches++;
                    }
                } catch (OffsetOutOfRangeException e) {
                    cursor.seek(log.startOffset());
                }
            }
        }
        return batches;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void holdsWhatAListHoldsOverTruncationsAndReopenings(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        List<byte[]> model = new ArrayList<>();
        long startOffset = 0;
        for (int round = 0; round < 60; round++) {
            int appends = random.nextInt(6);
            for (int i = 0; i < appends; i++) {
                model.add(append(log, randomBatch(random, log.endOffset())));
            }
            if (random.nextInt(3) == 0) {
                long cut = random.nextLong(startOffset, log.endOffset() + 2);
                log.truncate(cut);
                model.removeIf(batch -> endOffset(batch) > cut);
            }
            if (random.nextInt(10) == 0) {
                startOffset = random.nextLong(log.endOffset() + 100);
                log.beginAt(startOffset);
                model.clear();
            }
            if (random.nextInt(8) == 0) {
                reopen();
            }
            long endOffset = model.isEmpty() ? startOffset : endOffset(model.get(model.size() - 1));
            assertEquals(startOffset, log.startOffset(), "seed=" + seed);
            assertEquals(endOffset, log.endOffset(), "seed=" + seed);
            assertBatches(model, log);
        }
    }

    // ---- retention

    /** R01: what is older than the limit goes with the next check, what is younger stays. */
    @Test
    void deletesWhatIsTooOld() {
        reopen(smallFiles().withRetentionMs(10_000));
        List<byte[]> appended = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            clock.advance(1_000);
            appended.add(append(log, stamped(Batches.numbered(log.endOffset(), 10), clock.epochMs())));
            log.deleteOld();

            int young = Math.min(appended.size(), 11);
            long kept = log.endOffset() - log.startOffset();
            assertTrue(kept >= 10L * young, "kept=" + kept);
            // Files go as a whole.
            assertTrue(kept <= 10L * (young + FILE_BATCHES), "kept=" + kept);
            assertBatches(appended.subList((int) log.startOffset() / 10, appended.size()), log);
        }
        clock.advance(10_001);
        log.deleteOld();

        assertEquals(600, log.startOffset());
        assertEquals(600, log.endOffset());
        assertBatches(List.of(), log);
        byte[] next = append(log, stamped(Batches.numbered(600, 1), clock.epochMs()));
        assertBatches(List.of(next), log);
        reopen(smallFiles().withRetentionMs(10_000));
        assertEquals(600, log.startOffset());
        assertBatches(List.of(next), log);
    }

    /** R02. */
    @Test
    void deletesWhatIsTooMuch() {
        reopen(smallFiles().withRetentionBytes(20_000));
        List<byte[]> appended = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            appended.add(append(log, Batches.numbered(log.endOffset(), 10)));
            log.deleteOld();

            List<byte[]> kept = appended.subList((int) log.startOffset() / 10, appended.size());
            long bytes = kept.stream().mapToLong(batch -> batch.length).sum();
            assertTrue(bytes <= 20_000 + FILE_BYTES, "bytes=" + bytes);
            assertTrue(kept.size() == appended.size() || bytes >= 20_000 - FILE_BYTES, "bytes=" + bytes);
            assertBatches(kept, log);
        }
        long startOffset = log.startOffset();
        assertTrue(startOffset > 0);
        reopen(smallFiles().withRetentionBytes(20_000));
        assertEquals(startOffset, log.startOffset());
        assertBatches(appended.subList((int) startOffset / 10, 100), log);
    }

    /** R03. */
    @Test
    void deletesNothingWithoutALimit() {
        reopen(smallFiles());
        List<byte[]> appended = new ArrayList<>();
        for (int year = 0; year < 10; year++) {
            for (int i = 0; i < 10; i++) {
                appended.add(append(log, stamped(Batches.numbered(log.endOffset(), 10), clock.epochMs())));
            }
            clock.advance(365L * 24 * 60 * 60 * 1000);
            log.deleteOld();
        }

        assertEquals(0, log.startOffset());
        assertBatches(appended, log);
    }

    /** Z02: limits may change while the log is open. */
    @Test
    void isKeptOtherwiseOnceItIsAltered() {
        reopen(smallFiles());
        List<byte[]> appended = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            clock.advance(1_000);
            appended.add(append(log, stamped(Batches.numbered(log.endOffset(), 10), clock.epochMs())));
        }
        log.deleteOld();
        assertEquals(0, log.startOffset());

        log.alter(smallFiles().withRetentionMs(10_000));
        log.deleteOld();

        assertTrue(log.startOffset() >= 10L * (60 - 11 - FILE_BATCHES), "startOffset=" + log.startOffset());
        assertBatches(appended.subList((int) log.startOffset() / 10, appended.size()), log);

        log.alter(smallFiles());
        clock.advance(1_000_000);
        long startOffset = log.startOffset();
        log.deleteOld();

        assertEquals(startOffset, log.startOffset());
    }

    /** R04: readers inside of what is deleted read on, or from the new start; nothing in between is made up. */
    @Test
    void readersOutliveWhatTheyRead() {
        reopen(smallFiles().withRetentionMs(1_000));
        List<byte[]> appended = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            appended.add(append(log, stamped(Batches.numbered(log.endOffset(), 10), clock.epochMs())));
        }
        try (LogCursor inside = log.newCursor();
                LogCursor before = log.newCursor()) {
            assertTrue(inside.next(log.endOffset()));
            byte[] first = current(inside);
            clock.advance(5_000);
            byte[] young = append(log, stamped(Batches.numbered(log.endOffset(), 10), clock.epochMs()));
            log.deleteOld();
            assertTrue(log.startOffset() > 0);

            // It still looks at what it was given.
            assertArrayEquals(first, current(inside));
            appended.add(young);
            for (LogCursor cursor : List.of(inside, before)) {
                long offset = 0;
                while (cursor.next(log.endOffset())) {
                    long baseOffset = BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex());
                    assertTrue(baseOffset >= offset);
                    assertArrayEquals(appended.get((int) baseOffset / 10), current(cursor));
                    offset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                }
                assertEquals(log.endOffset(), offset);
            }
        }
    }

    private static final int FILE_BYTES = 16 * 1024;
    private static final int FILE_BATCHES = 30;

    private LogSettings smallFiles() {
        return LogSettings.defaults()
                .withSegmentBytes(FILE_BYTES)
                .withRetentionMs(LogSettings.UNLIMITED)
                .withRetentionBytes(LogSettings.UNLIMITED);
    }

    private static UnsafeBuffer stamped(UnsafeBuffer batch, long timestamp) {
        batch.putLong(BatchLayout.BASE_TIMESTAMP, timestamp, ByteOrder.LITTLE_ENDIAN);
        batch.putLong(BatchLayout.MAX_TIMESTAMP, timestamp, ByteOrder.LITTLE_ENDIAN);
        batch.putInt(BatchLayout.CRC32C, new Crc32c().compute(batch, 0), ByteOrder.LITTLE_ENDIAN);
        return batch;
    }

    // ---- what the tests above are told in

    private void reopen() {
        reopen(settings());
    }

    private void reopen(LogSettings settings) {
        store.close();
        storage = samePlace(storage);
        store = storage.open(clock);
        log = store.openLog("log", settings);
    }

    private List<byte[]> appendNumbered(int... recordCounts) {
        List<byte[]> appended = new ArrayList<>();
        for (int recordCount : recordCounts) {
            appended.add(append(log, Batches.numbered(log.endOffset(), recordCount)));
        }
        return appended;
    }

    private static byte[] append(PartitionLog log, DirectBuffer batch) {
        log.append(batch, 0, batch.capacity());
        assertEquals(BatchLayout.endOffset(batch, 0), log.endOffset());
        return Batches.bytes(batch, 0);
    }

    private static void assertBatches(List<byte[]> expected, PartitionLog log) {
        try (LogCursor cursor = log.newCursor()) {
            assertRest(expected, cursor, log.endOffset());
        }
    }

    private static void assertRest(List<byte[]> expected, LogCursor cursor, long limitOffset) {
        for (byte[] batch : expected) {
            assertTrue(cursor.next(limitOffset));
            assertArrayEquals(batch, current(cursor));
        }
        assertFalse(cursor.next(limitOffset));
    }

    private static byte[] current(LogCursor cursor) {
        return Batches.bytes(cursor.buffer(), cursor.batchIndex());
    }

    /** The batch with that offset, or null when the end comes first. */
    private static byte[] holderOf(long offset, List<byte[]> batches) {
        for (byte[] batch : batches) {
            if (endOffset(batch) > offset) {
                return batch;
            }
        }
        return null;
    }

    private static long endOffset(byte[] batch) {
        return BatchLayout.endOffset(new UnsafeBuffer(batch), 0);
    }
}
