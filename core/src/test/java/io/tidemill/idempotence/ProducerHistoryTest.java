package io.tidemill.idempotence;

import static io.tidemill.idempotence.SequenceVerdict.DUPLICATE;
import static io.tidemill.idempotence.SequenceVerdict.NEXT;
import static io.tidemill.idempotence.SequenceVerdict.OUT_OF_ORDER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.Batches;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.StorageException;
import io.tidemill.idempotence.UnreliableFile.Fault;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.ForwardingLog;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import java.util.stream.LongStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** E01: what is known of producers lasts as long as the log does. */
class ProducerHistoryTest {
    private static final long ID = 7;
    private static final long NOW_MS = 5_000;
    private static final long SNAPSHOT_BYTES = 1_000;
    private static final int STEPS = 10_000;

    static {
        JvmAccess.ensureAgrona();
    }

    private final UnreliableFile first = new UnreliableFile();
    private final UnreliableFile second = new UnreliableFile();
    private final CountingLog log = new CountingLog(Storage.inMemory()
            .open(new SetClock(NOW_MS))
            .openLog("log", LogSettings.defaults().withSegmentBytes(512).withRetentionBytes(1_000)));
    private ProducerHistory history = open();

    static LongStream seeds() {
        return LongStream.range(0, 20);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void isWhatTheLogMakesOfIt(long seed) {
        ProducerWalk walk = new ProducerWalk(seed);

        walk.run(STEPS);

        assertTrue(walk.restores() > 100, "restores=" + walk.restores());
    }

    @Test
    void readsTheWholeLogWithoutASnapshot() {
        append(0, 2);
        append(2, 3);

        history = open();

        assertEquals(2, log.read);
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 2, 3));
        assertEquals(2, history.states().originalBaseOffset());
    }

    @Test
    void readsWhatIsBehindTheLastSnapshot() {
        append(0, 2);
        append(2, 3);
        history.takeSnapshot();
        append(5, 1);

        history = open();

        assertEquals(1, log.read);
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 0, 2));
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 5, 1));
    }

    @Test
    void aSnapshotIsDueAfterSoManyBytes() {
        for (int i = 0; i < 11; i++) {
            assertFalse(history.isSnapshotDue(), "i=" + i);
            append(i, 1);
        }
        append(11, 1);
        assertTrue(history.isSnapshotDue());

        history = open();
        assertTrue(history.isSnapshotDue());
        history.takeSnapshot();

        assertFalse(history.isSnapshotDue());
    }

    @Test
    void writesNothingWhereTheLastSnapshotSaysTheSame() {
        append(0, 2);
        history.takeSnapshot();
        history.takeSnapshot();
        history = open();
        history.takeSnapshot();

        assertEquals(1, first.writes() + second.writes());
    }

    /** What it counts and what is left to read would not meet. */
    @Test
    void aSnapshotIsDueBehindWhatWasDeletedAndTheFormerOneIsOfNoUse() {
        history = ProducerHistory.open(log, first, second, new ProducerStates(), 1_000_000, NOW_MS);
        append(0, 2);
        history.takeSnapshot();
        for (int i = 2; i < 40; i++) {
            append(i, 1);
        }
        assertFalse(history.isSnapshotDue());
        log.deleteOld();
        assertTrue(log.startOffset() > 2);
        assertTrue(history.isSnapshotDue());
        ProducerHistory crashed = open();
        assertEquals(DUPLICATE, crashed.states().check(ID, (short) 0, 39, 1));
        assertEquals(ProducerSnapshots.NONE, Math.max(first.offset(), second.offset()));

        history.takeSnapshot();
        log.truncate(log.startOffset());

        assertFalse(history.isSnapshotDue());
    }

    /** Kafka's answer too: nobody knows it, so it may begin anywhere. */
    @Test
    void aProducerIsForgottenWhoseRecordsWereDeletedWithEverySnapshotThatKnewThem() {
        append(1, 0, 4);
        for (int i = 0; i < 40; i++) {
            append(i, 1);
        }
        log.deleteOld();
        assertEquals(OUT_OF_ORDER, history.states().check(1, (short) 0, 9, 1));
        ProducerHistory crashed = open();
        assertEquals(NEXT, crashed.states().check(1, (short) 0, 9, 1));

        history.takeSnapshot();
        history = open();

        assertEquals(OUT_OF_ORDER, history.states().check(1, (short) 0, 9, 1));
    }

    @Test
    void aTruncationIsAsIfTheEndHadNeverBeen() {
        append(0, 2);
        append(2, 3);
        append(5, 1);

        history.truncate(2, NOW_MS);

        assertEquals(2, log.endOffset());
        assertEquals(NEXT, history.states().check(ID, (short) 0, 2, 3));
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 0, 2));
    }

    /** And with the newer one gone, for good: the log comes to its offset again with other records. */
    @Test
    void aTruncationBelowTheNewestSnapshotGoesBackToTheOneBefore() {
        append(0, 2);
        history.takeSnapshot();
        append(2, 3);
        history.takeSnapshot();
        log.read = 0;

        history.truncate(4, NOW_MS);
        assertEquals(0, log.read);
        assertEquals(2, log.endOffset());
        append(1, 0, 10);

        history = open();
        assertEquals(1, log.read);
        assertEquals(NEXT, history.states().check(ID, (short) 0, 2, 3));
        assertEquals(DUPLICATE, history.states().check(1, (short) 0, 0, 10));
    }

    @Test
    void aTruncationToTheEndReadsNothing() {
        append(0, 2);
        log.read = 0;

        history.truncate(2, NOW_MS);
        history.truncate(9, NOW_MS);

        assertEquals(0, log.read);
    }

    /** The log lost what was not flushed; the snapshot was. */
    @Test
    void aSnapshotBehindTheEndOfTheLogIsErasedBeforeTheLogGoesOn() {
        append(0, 2);
        append(2, 3);
        history.takeSnapshot();
        log.truncate(2);

        history = open();
        append(1, 0, 20);
        history = open();

        assertEquals(NEXT, history.states().check(ID, (short) 0, 2, 3));
        assertEquals(DUPLICATE, history.states().check(1, (short) 0, 0, 20));
    }

    /** Also from a snapshot that counts up to right there: the records may be others. */
    @Test
    void knowsNobodyWhereTheLogBeginsElsewhere() {
        append(0, 2);
        append(2, 3);
        history.takeSnapshot();

        history.beginAt(5, NOW_MS);

        assertEquals(5, log.startOffset());
        assertEquals(NEXT, history.states().check(ID, (short) 0, 2, 3));
        assertEquals(ProducerSnapshots.NONE, Math.max(first.offset(), second.offset()));
        history = open();
        assertEquals(NEXT, history.states().check(ID, (short) 0, 2, 3));
        append(7, 1);
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 7, 1));
    }

    @Test
    void theLogDoesNotBeginElsewhereWhileASnapshotIsThere() {
        append(0, 2);
        history.takeSnapshot();
        failNext(Fault.BEFORE);

        assertThrows(StorageException.class, () -> history.beginAt(2, NOW_MS));

        assertEquals(0, log.startOffset());
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 0, 2));
    }

    @Test
    void aTruncationIsNotDoneWhileASnapshotOfTheEndIsThere() {
        append(0, 2);
        append(2, 3);
        history.takeSnapshot();
        failNext(Fault.BEFORE);
        assertThrows(StorageException.class, () -> history.truncate(2, NOW_MS));
        failNext(Fault.NONE);

        history.truncate(2, NOW_MS);

        assertEquals(NEXT, history.states().check(ID, (short) 0, 2, 3));
        assertEquals(ProducerSnapshots.NONE, Math.max(first.offset(), second.offset()));
    }

    @Test
    void aDamagedSnapshotCostsTimeOnly() {
        append(0, 2);
        history.takeSnapshot();
        append(2, 3);
        history.takeSnapshot();

        (first.offset() > second.offset() ? first : second).damage();
        history = open();
        assertEquals(1, log.read);
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 2, 3));

        first.damage();
        second.damage();
        history = open();
        assertEquals(2, log.read);
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 2, 3));
    }

    /** What it said before it did is not believed either. */
    @Test
    void aSnapshotThatContradictsItselfCostsTimeOnly() {
        append(1, 0, 1);
        append(0, 2);
        history.takeSnapshot();
        UnreliableFile file = first.offset() == 3 ? first : second;
        byte[] strange = file.read();
        int batch = ProducerSnapshotLayout.HEADER_LENGTH + ProducerSnapshotLayout.PRODUCER_LENGTH;
        strange[batch + ProducerSnapshotLayout.BASE_SEQUENCE] = 50;
        strange[batch + ProducerSnapshotLayout.BATCH_LENGTH + ProducerSnapshotLayout.BATCH_COUNT] = 2;
        file.write(strange);

        history = open();

        assertEquals(2, log.read);
        assertEquals(OUT_OF_ORDER, history.states().check(1, (short) 0, 50, 1));
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 0, 2));
        assertEquals(ProducerSnapshots.NONE, file.offset());
    }

    /** Whoever goes back to an older version and forward again must not find it later. */
    @Test
    void aSnapshotOfAnotherVersionIsErased() {
        append(0, 2);
        history.takeSnapshot();
        UnreliableFile file = first.offset() == 2 ? first : second;
        byte[] newer = file.read();
        newer[ProducerSnapshotLayout.VERSION] = 2;
        file.write(newer);

        history = open();

        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 0, 2));
        assertEquals(0, file.read().length);
    }

    @Test
    void aSnapshotThatFailedCanBeTakenAgain() {
        append(0, 2);
        failNext(Fault.BEFORE);
        assertThrows(StorageException.class, history::takeSnapshot);
        failNext(Fault.NONE);

        history.takeSnapshot();

        history = open();
        assertEquals(0, log.read);
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 0, 2));
    }

    /** Each write, before it happened and after. */
    @Test
    void aCrashAtEveryWriteLosesNothing() {
        for (Fault fault : new Fault[] {Fault.BEFORE, Fault.AFTER}) {
            for (int i = 0; i < 10; i++) {
                int next = (int) log.endOffset();
                append(next, 1);
                failNext(fault);
                assertThrows(StorageException.class, history::takeSnapshot);
                assertFalse(history.isSnapshotDue());
                history = open();
                assertEquals(DUPLICATE, history.states().check(ID, (short) 0, next, 1));
                assertEquals(NEXT, history.states().check(ID, (short) 0, next + 1, 1));
                failNext(Fault.NONE);
                if (i % 3 == 0) {
                    history.takeSnapshot();
                }
            }
        }
    }

    /** What was read before would be too old beside what is left. */
    @Test
    void readsAgainWhenTheLogIsDeletedFromTheStartMeanwhile() {
        append(1, 0, 1);
        for (int i = 0; i < 40; i++) {
            append(i, 1);
            if (i == 10) {
                append(1, 1, 1);
            }
        }
        log.beforeSecondBatch = log::deleteOld;

        history = open();

        assertTrue(log.startOffset() > 12);
        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 39, 1));
        assertEquals(NEXT, history.states().check(1, (short) 0, 2, 1));
    }

    /** Better no answer than one that leaves something out. */
    @Test
    void refusesABatchWhenItWasNotToldOfTheOneBefore() {
        append(0, 2);

        IllegalStateException e = assertThrows(
                IllegalStateException.class,
                () -> history.onAppended(Batches.produced(3, ID, 0, 3, 1, NOW_MS), 0, NOW_MS));

        assertEquals("not the batch that comes next: baseOffset=3, knownOffset=2", e.getMessage());
    }

    @Test
    void saysSoWhenTheLogCannotBeRead() {
        append(0, 2);
        append(2, 3);
        log.beforeSecondBatch = () -> {
            throw new CorruptRecordException("damaged");
        };
        assertThrows(CorruptRecordException.class, this::open);

        log.beforeSecondBatch = () -> {
            throw new OffsetOutOfRangeException("gone");
        };
        CorruptRecordException gap = assertThrows(CorruptRecordException.class, this::open);
        assertEquals("a log has a gap: startOffset=0, gapOffset=2, endOffset=5", gap.getMessage());
    }

    /** As long as it did not, nothing is known. */
    @Test
    void aTruncationThatFailedInBetweenIsFinishedByTheNext() {
        append(0, 2);
        append(2, 3);
        log.beforeSecondBatch = () -> {
            throw new StorageException("disk is away");
        };
        log.read = 0;
        assertThrows(StorageException.class, () -> history.truncate(2, NOW_MS));
        log.beforeSecondBatch = () -> {};

        history.truncate(2, NOW_MS);

        assertEquals(DUPLICATE, history.states().check(ID, (short) 0, 0, 2));
        assertEquals(1, history.states().size());
    }

    private ProducerHistory open() {
        log.read = 0;
        return ProducerHistory.open(log, first, second, new ProducerStates(), SNAPSHOT_BYTES, NOW_MS);
    }

    private void append(int baseSequence, int recordCount) {
        append(ID, baseSequence, recordCount);
    }

    private void append(long producerId, int baseSequence, int recordCount) {
        UnsafeBuffer batch = Batches.produced(log.endOffset(), producerId, 0, baseSequence, recordCount, NOW_MS);
        log.append(batch, 0, batch.capacity());
        history.onAppended(batch, 0, NOW_MS);
    }

    private void failNext(Fault fault) {
        first.failNext(fault);
        second.failNext(fault);
    }

    /** Counts the batches that are read, and lets something happen between the first and the second. */
    private static final class CountingLog extends ForwardingLog {
        private int read;
        private Runnable beforeSecondBatch = () -> {};

        CountingLog(PartitionLog log) {
            super(log);
        }

        @Override
        public LogCursor newCursor() {
            LogCursor cursor = super.newCursor();
            return new LogCursor() {
                @Override
                public void seek(long offset) {
                    cursor.seek(offset);
                }

                @Override
                public boolean next(long limitOffset) {
                    if (read == 1) {
                        beforeSecondBatch.run();
                    }
                    boolean isNext = cursor.next(limitOffset);
                    read += isNext ? 1 : 0;
                    return isNext;
                }

                @Override
                public DirectBuffer buffer() {
                    return cursor.buffer();
                }

                @Override
                public int batchIndex() {
                    return cursor.batchIndex();
                }

                @Override
                public void close() {
                    cursor.close();
                }
            };
        }
    }
}
