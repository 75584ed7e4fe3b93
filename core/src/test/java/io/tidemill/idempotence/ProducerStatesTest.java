package io.tidemill.idempotence;

import static io.tidemill.idempotence.SequenceVerdict.DUPLICATE;
import static io.tidemill.idempotence.SequenceVerdict.FENCED;
import static io.tidemill.idempotence.SequenceVerdict.NEXT;
import static io.tidemill.idempotence.SequenceVerdict.OUT_OF_ORDER;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.runtime.JvmAccess;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** E01: what a partition says of a batch that comes. */
class ProducerStatesTest {
    private static final long ID = 7;

    static {
        JvmAccess.ensureAgrona();
    }

    private final ProducerStates states = new ProducerStates(1_000, 3);
    private long endOffset;
    private long nowMs = 50_000;

    @Test
    void takesWhatContinuesTheLastBatch() {
        append(ID, 0, 0, 3);

        assertEquals(NEXT, states.check(ID, (short) 0, 3, 100));
        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 0, 4, 1));
        assertEquals(3, states.expectedSequence());
    }

    @Test
    void answersEachOfTheLastFiveBatchesAsItWasAnsweredThen() {
        append(1, 0, 0, 10);
        for (int i = 0; i < 6; i++) {
            nowMs++;
            append(ID, 0, 2 * i, 2);
        }

        for (int i = 1; i < 6; i++) {
            assertEquals(DUPLICATE, states.check(ID, (short) 0, 2 * i, 2));
            assertEquals(10 + 2 * i, states.originalBaseOffset());
            assertEquals(50_001 + i, states.originalTimestamp());
        }
        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 0, 0, 2));
        assertEquals(12, states.expectedSequence());
    }

    /** What was sent again must be what was sent: nobody could tell which of its records are here. */
    @Test
    void isOutOfOrderWhenOnlyAPartOfItWasHere() {
        append(ID, 0, 0, 4);
        append(ID, 0, 4, 4);

        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 0, 4, 3));
        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 0, 4, 5));
        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 0, 5, 3));
        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 0, 0, 8));
        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 0, 7, 4));
    }

    @Test
    void goesOnFromTheLargestNumberToZero() {
        append(ID, 0, Integer.MAX_VALUE - 1, 2);
        assertEquals(NEXT, states.check(ID, (short) 0, 0, 1));

        append(ID, 1, 0, 1);
        append(ID, 1, Integer.MAX_VALUE - 1, 5);

        assertEquals(DUPLICATE, states.check(ID, (short) 1, Integer.MAX_VALUE - 1, 5));
        assertEquals(NEXT, states.check(ID, (short) 1, 3, 1));
        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 1, 4, 1));
        assertEquals(3, states.expectedSequence());
        assertEquals(0, ProducerStates.sequence(Integer.MAX_VALUE, 1));
        assertEquals(Integer.MAX_VALUE, ProducerStates.sequence(Integer.MAX_VALUE - 7, 7));
    }

    /** Its state may have been deleted with its records, or be too old: there is nothing to compare with. */
    @Test
    void aProducerThatIsNotKnownMayBeginAnywhere() {
        assertEquals(NEXT, states.check(ID, (short) 3, 99, 1));

        append(ID, 3, 99, 1);

        assertEquals(DUPLICATE, states.check(ID, (short) 3, 99, 1));
        assertEquals(NEXT, states.check(ID, (short) 3, 100, 1));
        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 3, 0, 1));
    }

    @Test
    void fencesAnOlderEpochWhateverItBrings() {
        append(ID, 4, 0, 2);
        append(ID, 5, 0, 2);

        assertEquals(FENCED, states.check(ID, (short) 4, 2, 1));
        assertEquals(FENCED, states.check(ID, (short) 4, 0, 2));
        assertEquals(5, states.currentEpoch());
    }

    @Test
    void aNewerEpochBeginsAtZero() {
        append(ID, 4, 0, 2);

        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 5, 2, 1));
        assertEquals(0, states.expectedSequence());
        assertEquals(NEXT, states.check(ID, (short) 5, 0, 2));

        append(ID, 5, 0, 1);
        assertEquals(OUT_OF_ORDER, states.check(ID, (short) 5, 0, 2));
        assertEquals(1, states.expectedSequence());
    }

    @Test
    void checkingChangesNothing() {
        append(ID, 1, 0, 2);

        assertEquals(NEXT, states.check(ID, (short) 1, 2, 2));
        assertEquals(NEXT, states.check(ID, (short) 2, 0, 2));
        assertEquals(NEXT, states.check(8, (short) 0, 0, 2));

        assertEquals(NEXT, states.check(ID, (short) 1, 2, 2));
        assertEquals(1, states.size());
    }

    @Test
    void batchesThatNobodyNumberedChangeNothing() {
        states.onAppended(Batches.numbered(0, 5), 0, nowMs);

        assertEquals(0, states.size());
    }

    @Test
    void compactionTakesRecordsAndNoNumbers() {
        UnsafeBuffer batch = Batches.produced(0, ID, 0, 0, 4, nowMs);
        batch.putInt(BatchLayout.RECORD_COUNT, 1, LITTLE_ENDIAN);

        states.onAppended(batch, 0, nowMs);

        assertEquals(DUPLICATE, states.check(ID, (short) 0, 0, 4));
        assertEquals(NEXT, states.check(ID, (short) 0, 4, 1));
    }

    @Test
    void forgetsAProducerThatWasSilentForTooLong() {
        append(1, 0, 0, 1);
        nowMs += 500;
        append(2, 0, 0, 1);
        append(1, 0, 1, 1);
        nowMs += 999;
        assertEquals(0, states.expire(nowMs));

        assertEquals(2, states.expire(nowMs + 1));

        assertEquals(0, states.size());
        assertEquals(NEXT, states.check(1, (short) 0, 17, 1));
    }

    /** Records may be of last year when they are sent. */
    @Test
    void silenceIsNotTheAgeOfRecords() {
        states.onAppended(Batches.produced(0, ID, 0, 0, 1, 3), 0, nowMs);

        assertEquals(0, states.expire(nowMs + 999));
        assertEquals(DUPLICATE, states.check(ID, (short) 0, 0, 1));
    }

    @Test
    void forgetsSomeAtATime() {
        ProducerStates many = new ProducerStates(1_000, 1_000);
        for (int id = 0; id < 100; id++) {
            many.onAppended(Batches.produced(id, id, 0, 0, 1, nowMs), 0, nowMs);
        }

        assertEquals(64, many.expire(nowMs + 1_000));
        assertEquals(36, many.expire(nowMs + 1_000));
        assertEquals(0, many.expire(nowMs + 1_000));
    }

    @Test
    void forgetsWhoWasSilentForTheLongestTimeWhenThereAreTooMany() {
        append(1, 0, 0, 1);
        append(2, 0, 0, 1);
        append(3, 0, 0, 1);
        append(1, 0, 1, 1);

        append(4, 0, 0, 1);

        assertEquals(3, states.size());
        assertEquals(NEXT, states.check(2, (short) 0, 5, 1));
        assertEquals(DUPLICATE, states.check(1, (short) 0, 0, 1));
        assertEquals(DUPLICATE, states.check(3, (short) 0, 0, 1));
        assertEquals(NEXT, states.check(4, (short) 0, 1, 1));
        assertEquals(OUT_OF_ORDER, states.check(4, (short) 0, 2, 1));
    }

    @Test
    void knowsWhichBatchesItWouldNotRemember() {
        append(1, 0, 0, 1);
        for (int i = 1; i < 5; i++) {
            append(1, 0, i, 1);
            assertEquals(i == 4, states.hasForgotten(1, -1));
        }

        append(1, 0, 5, 1);

        assertTrue(states.hasForgotten(1, 0));
        assertFalse(states.hasForgotten(1, 1));
        assertFalse(states.hasForgotten(2, 0));
        append(1, 1, 0, 1);
        assertFalse(states.hasForgotten(1, 0));
    }

    @Test
    void refusesWhatIsNoNumberedBatch() {
        assertThrows(IllegalArgumentException.class, () -> states.check(-1, (short) 0, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> states.check(1, (short) -1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> states.check(1, (short) 0, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> states.check(1, (short) 0, 0, 0));
    }

    private void append(long producerId, int epoch, int baseSequence, int recordCount) {
        states.onAppended(Batches.produced(endOffset, producerId, epoch, baseSequence, recordCount, nowMs), 0, nowMs);
        endOffset += recordCount;
    }
}
