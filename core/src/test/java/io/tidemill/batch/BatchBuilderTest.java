package io.tidemill.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.JvmAccess;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class BatchBuilderTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private final BatchBuilder builder = new BatchBuilder();

    @Test
    void writesTheSameBytesForEver() {
        add(Batches.record(5, "k".getBytes(UTF_8), "v".getBytes(UTF_8)), 7);
        add(Batches.record(RecordLayout.NO_TIMESTAMP, null, new byte[0]), 7);
        builder.finish(42);

        assertEquals("""
                78000000 b8facd94 2a000000 00000000
                01000000 02000000 05000000 00000000
                07000000 00000000 ffffffff ffffffff
                ffff0100 00000000 ffffffff ffffffff
                1a000000 00000000 05000000 00000000
                01000000 01000000 6b760000 00000000
                18000000 01000000 07000000 00000000
                ffffffff 00000000""", Batches.hex(finished()));
    }

    @Test
    void writesWhoProducedItAndUnderWhichLeaderUntilItIsCleared() {
        add(run(5), 7);
        builder.stampProducer(0x0102030405060708L, (short) 0x1112, 0x21222324);
        builder.stampLeaderEpoch(0x31323334);
        builder.finish(42);

        assertEquals("""
                58000000 bc2d63df 2a000000 00000000
                00000000 01000000 05000000 00000000
                05000000 00000000 08070605 04030201
                12110100 00000000 24232221 34333231
                18000000 00000000 05000000 00000000
                ffffffff ffffffff""", Batches.hex(finished()));
        builder.clear();
        add(run(5), 7);
        builder.finish(42);
        assertEquals(BatchLayout.NO_PRODUCER_ID, BatchLayout.producerId(builder.buffer(), 0));
        assertEquals(BatchLayout.NO_PRODUCER_EPOCH, BatchLayout.producerEpoch(builder.buffer(), 0));
        assertEquals(BatchLayout.NO_SEQUENCE, BatchLayout.baseSequence(builder.buffer(), 0));
        assertEquals(BatchLayout.NO_LEADER_EPOCH, BatchLayout.leaderEpoch(builder.buffer(), 0));
    }

    @Test
    void stampsRecordsWithoutATimeAndKeepsTheTimesOfOthers() {
        add(run(30, RecordLayout.NO_TIMESTAMP, 10), 20);
        add(run(RecordLayout.NO_TIMESTAMP), 25);
        builder.finish(0);

        assertEquals(10, BatchLayout.baseTimestamp(builder.buffer(), 0));
        assertEquals(30, BatchLayout.maxTimestamp(builder.buffer(), 0));
        assertRecords(30, 20, 10, 25);
    }

    @Test
    void numbersTheRecordsOfSeveralRunsOneBehindTheOther() {
        assertEquals(2, add(run(1, 2), 0));
        assertEquals(3, add(run(3, 4, 5), 0));
        builder.finish(100);

        assertEquals(5, builder.recordCount());
        assertEquals(5, BatchLayout.recordCount(builder.buffer(), 0));
        assertEquals(105, BatchLayout.endOffset(builder.buffer(), 0));
        assertRecords(1, 2, 3, 4, 5);
    }

    @Test
    void takesARunFromTheMiddleOfABuffer() {
        UnsafeBuffer source = new UnsafeBuffer(new byte[256]);
        UnsafeBuffer run = run(1, 2);
        source.setMemory(0, source.capacity(), (byte) 0xee);
        source.putBytes(64, run, 0, run.capacity());

        builder.add(source, 64, run.capacity(), 0);
        builder.finish(0);

        assertRecords(1, 2);
    }

    @Test
    void growsAndKeepsWhatIsThere() {
        int recordCount = 0;
        for (int valueLength = 1; valueLength < 1_000_000; valueLength *= 3) {
            byte[] value = new byte[valueLength];
            value[valueLength - 1] = (byte) valueLength;
            add(Batches.record(++recordCount, null, value), 0);
        }
        builder.finish(0);

        int record = BatchLayout.HEADER_LENGTH;
        for (int valueLength = 1; valueLength < 1_000_000; valueLength *= 3) {
            int lastIndex = RecordLayout.valueIndex(builder.buffer(), record) + valueLength - 1;
            assertEquals(valueLength, RecordLayout.valueLength(builder.buffer(), record));
            assertEquals((byte) valueLength, builder.buffer().getByte(lastIndex));
            record += RecordLayout.length(builder.buffer(), record);
        }
        assertEquals(builder.length(), record);
        assertTrue(new Crc32c().matches(builder.buffer(), 0));
    }

    @Test
    void isAsNewAfterClear() {
        add(run(1, 2, 3), 0);
        builder.finish(7);
        byte[] first = finished();

        builder.clear();
        assertEquals(0, builder.recordCount());
        assertEquals(BatchLayout.HEADER_LENGTH, builder.length());
        add(run(1, 2, 3), 0);
        builder.finish(7);

        assertArrayEquals(first, finished());
    }

    @Test
    void canBeFinishedAgainAtAnotherOffset() {
        add(run(1), 0);
        builder.finish(7);
        builder.finish(8);

        assertEquals(8, BatchLayout.baseOffset(builder.buffer(), 0));
        assertTrue(new Crc32c().matches(builder.buffer(), 0));
    }

    @Test
    void theChecksumIsTheSameWhereverTheBatchLies() {
        add(run(1, 2, 3), 0);
        builder.finish(7);
        byte[] bytes = finished();
        byte[] larger = new byte[bytes.length + 24];
        System.arraycopy(bytes, 0, larger, 24, bytes.length);

        Crc32c crc = new Crc32c();
        assertTrue(crc.matches(builder.buffer(), 0));
        assertTrue(crc.matches(new UnsafeBuffer(larger), 24));
        assertTrue(crc.matches(new UnsafeBuffer(larger, 8, bytes.length + 16), 16));
    }

    /** Answers how many records the batch has gained. */
    private int add(DirectBuffer run, long nowMs) {
        int before = builder.recordCount();
        builder.add(run, 0, run.capacity(), nowMs);
        return builder.recordCount() - before;
    }

    private byte[] finished() {
        byte[] batch = Batches.bytes(builder.buffer(), 0);
        assertEquals(builder.length(), batch.length);
        return batch;
    }

    private static UnsafeBuffer run(long... timestamps) {
        int length = (int) RecordLayout.length(-1, -1, 0);
        UnsafeBuffer run = new UnsafeBuffer(new byte[timestamps.length * length]);
        for (int i = 0; i < timestamps.length; i++) {
            run.putBytes(i * length, Batches.record(timestamps[i], null, null), 0, length);
        }
        return run;
    }

    /** With these times, numbered from 0, and nothing behind them. */
    private void assertRecords(long... timestamps) {
        RecordFlyweight view = new RecordFlyweight();
        view.enter(builder.buffer(), 0);
        int next = BatchLayout.HEADER_LENGTH;
        for (int i = 0; i < timestamps.length; i++) {
            next = view.moveTo(next);
            assertEquals(BatchLayout.baseOffset(builder.buffer(), 0) + i, view.offset());
            assertEquals(timestamps[i], view.timestamp());
        }
        assertEquals(builder.length(), next);
    }
}
