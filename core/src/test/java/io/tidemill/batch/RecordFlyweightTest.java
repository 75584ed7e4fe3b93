package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.runtime.JvmAccess;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The view that readers are handed: it moves, and refuses what does not keep within itself. */
class RecordFlyweightTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private final RecordFlyweight view = new RecordFlyweight();

    @Test
    void seesWhatWasWrittenWhereverTheBatchLies() {
        UnsafeBuffer batch = Batches.of(100, new byte[] {1}, new byte[0], new byte[] {3, 4, 5});
        UnsafeBuffer elsewhere = new UnsafeBuffer(new byte[batch.capacity() + 80]);
        elsewhere.putBytes(40, batch, 0, batch.capacity());

        view.enter(elsewhere, 40);

        int[] lengths = {1, 0, 3};
        int next = BatchLayout.HEADER_LENGTH;
        for (int i = 0; i < lengths.length; i++) {
            next = view.moveTo(next);
            assertEquals(100 + i, view.offset());
            assertEquals(-1, view.keyLength());
            assertEquals(lengths[i], view.valueLength());
        }
        assertEquals(5, view.buffer().getByte(view.valueIndex() + 2));
        assertEquals(batch.capacity(), view.buffer().capacity());
        assertEquals(batch.capacity(), next);
    }

    @Test
    void refusesARecordWhenAnyByteOfItIsMissing() {
        UnsafeBuffer batch = Batches.of(0, new byte[20]);
        for (int frameLength = BatchLayout.HEADER_LENGTH + 1; frameLength < batch.capacity(); frameLength++) {
            batch.putInt(BatchLayout.FRAME_LENGTH, frameLength, LITTLE_ENDIAN);
            view.enter(batch, 0);

            assertEquals(RecordFlyweight.DAMAGED, view.moveTo(BatchLayout.HEADER_LENGTH));
        }
    }

    @Test
    void refusesLengthsThatDoNotAddUp() {
        for (int field : new int[] {RecordLayout.LENGTH, RecordLayout.KEY_LENGTH, RecordLayout.VALUE_LENGTH}) {
            for (int value : new int[] {Integer.MIN_VALUE, -2, 1_000_000, Integer.MAX_VALUE}) {
                UnsafeBuffer batch = Batches.numbered(0, 3);
                batch.putInt(BatchLayout.HEADER_LENGTH + field, value, LITTLE_ENDIAN);
                view.enter(batch, 0);

                assertEquals(
                        RecordFlyweight.DAMAGED,
                        view.moveTo(BatchLayout.HEADER_LENGTH),
                        () -> "field=" + field + ", value=" + value);
            }
        }
    }
}
