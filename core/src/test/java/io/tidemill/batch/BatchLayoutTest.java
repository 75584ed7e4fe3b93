package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.JvmAccess;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BatchLayoutTest {
    static {
        JvmAccess.ensureAgrona();
    }

    @Test
    void everyFieldLiesWhereThePictureDrawsIt() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[BatchLayout.HEADER_LENGTH]);

        buffer.putInt(BatchLayout.FRAME_LENGTH, 0x01020304, LITTLE_ENDIAN);
        buffer.putInt(BatchLayout.CRC32C, 0x05060708, LITTLE_ENDIAN);
        buffer.putLong(BatchLayout.BASE_OFFSET, 0x1112131415161718L, LITTLE_ENDIAN);
        buffer.putInt(BatchLayout.LAST_OFFSET_DELTA, 0x21222324, LITTLE_ENDIAN);
        buffer.putInt(BatchLayout.RECORD_COUNT, 0x25262728, LITTLE_ENDIAN);
        buffer.putLong(BatchLayout.BASE_TIMESTAMP, 0x3132333435363738L, LITTLE_ENDIAN);
        buffer.putLong(BatchLayout.MAX_TIMESTAMP, 0x4142434445464748L, LITTLE_ENDIAN);
        buffer.putLong(BatchLayout.PRODUCER_ID, 0x5152535455565758L, LITTLE_ENDIAN);
        buffer.putShort(BatchLayout.PRODUCER_EPOCH, (short) 0x6162, LITTLE_ENDIAN);
        buffer.putByte(BatchLayout.TYPE, (byte) 0x63);
        buffer.putByte(BatchLayout.FLAGS, (byte) 0x64);
        buffer.putByte(BatchLayout.CODEC, (byte) 0x65);
        buffer.putByte(BatchLayout.ENCODING, (byte) 0x66);
        buffer.putShort(BatchLayout.ZERO, (short) 0, LITTLE_ENDIAN);
        buffer.putInt(BatchLayout.BASE_SEQUENCE, 0x71727374, LITTLE_ENDIAN);
        buffer.putInt(BatchLayout.LEADER_EPOCH, 0x75767778, LITTLE_ENDIAN);

        assertEquals("""
                04030201 08070605 18171615 14131211
                24232221 28272625 38373635 34333231
                48474645 44434241 58575655 54535251
                62616364 65660000 74737271 78777675""", Batches.hex(buffer.byteArray()));
        assertEquals(0x01020304, BatchLayout.frameLength(buffer, 0));
        assertEquals(0x05060708, BatchLayout.crc32c(buffer, 0));
        assertEquals(0x1112131415161718L, BatchLayout.baseOffset(buffer, 0));
        assertEquals(0x1112131415161718L + 0x21222324 + 1, BatchLayout.endOffset(buffer, 0));
        assertEquals(0x25262728, BatchLayout.recordCount(buffer, 0));
        assertEquals(0x3132333435363738L, BatchLayout.baseTimestamp(buffer, 0));
        assertEquals(0x4142434445464748L, BatchLayout.maxTimestamp(buffer, 0));
        assertEquals(0x5152535455565758L, BatchLayout.producerId(buffer, 0));
        assertEquals(0x6162, BatchLayout.producerEpoch(buffer, 0));
        assertEquals(0x63, BatchLayout.type(buffer, 0));
        assertEquals(0x64, BatchLayout.flags(buffer, 0));
        assertEquals(0x3132333435363738L, BatchLayout.deleteHorizonMs(buffer, 0));
        assertEquals(0x66, BatchLayout.encoding(buffer, 0));
        assertEquals(0x71727374, BatchLayout.baseSequence(buffer, 0));
        assertEquals(0x75767778, BatchLayout.leaderEpoch(buffer, 0));
    }

    @Test
    void tellsHowNewTheNewestRecordWasThatIsGone() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[BatchLayout.HEADER_LENGTH]);
        buffer.putLong(BatchLayout.BASE_TIMESTAMP, 7, LITTLE_ENDIAN);
        buffer.putLong(BatchLayout.MAX_TIMESTAMP, 9, LITTLE_ENDIAN);

        assertEquals(7, BatchLayout.newestTimestamp(buffer, 0));
        buffer.putInt(BatchLayout.RECORD_COUNT, 1, LITTLE_ENDIAN);
        assertEquals(9, BatchLayout.newestTimestamp(buffer, 0));
    }

    @Test
    void numbersThatAreStoredNeverChange() {
        assertEquals(1, BatchLayout.TYPE_DATA);
        assertEquals(2, BatchLayout.TYPE_COMMIT);
        assertEquals(3, BatchLayout.TYPE_ABORT);
        assertEquals(1, BatchLayout.FLAG_TRANSACTIONAL);
        assertEquals(2, BatchLayout.FLAG_LOG_APPEND_TIME);
        assertEquals(4, BatchLayout.FLAG_DELETE_HORIZON);
        assertEquals(0, BatchLayout.CODEC_NONE);
        assertEquals(0, BatchLayout.ENCODING_FIXED);
        assertEquals(1, BatchLayout.ENCODING_KAFKA_V2);
    }

    @Test
    void isNotPlausibleWhenAnyByteIsMissing() {
        byte[] batch = Batches.bytes(Batches.numbered(0, 3), 0);

        for (int available = 0; available < batch.length; available++) {
            UnsafeBuffer cut = new UnsafeBuffer(batch, 0, available);
            assertFalse(BatchLayout.isPlausible(cut, 0, available));
        }
        assertTrue(BatchLayout.isPlausible(new UnsafeBuffer(batch), 0, batch.length));
    }

    static LongStream seeds() {
        return LongStream.range(0, 1_000);
    }

    /** The buffer ends with the batch and checks its bounds, so a reader that left the batch would throw. */
    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void damageIsNoticedAndLeadsNobodyOutOfTheBatch(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        UnsafeBuffer intact = Batches.numbered(random.nextInt(1_000), random.nextInt(1, 10));
        UnsafeBuffer damaged = new UnsafeBuffer(Batches.bytes(intact, 0));
        for (int flips = random.nextInt(1, 20); flips > 0 || damaged.equals(intact); flips--) {
            // Every other flip hits the header or the first record's, where damage is most dangerous.
            int index = random.nextInt(random.nextBoolean() ? 2 * BatchLayout.HEADER_LENGTH - 32 : damaged.capacity());
            damaged.putByte(index, (byte) (damaged.getByte(index) ^ 1 << random.nextInt(Byte.SIZE)));
        }

        boolean plausible = BatchLayout.isPlausible(damaged, 0, damaged.capacity());

        assertFalse(plausible && new Crc32c().matches(damaged, 0));
        if (plausible) {
            RecordFlyweight view = new RecordFlyweight();
            view.enter(damaged, 0);
            int end = BatchLayout.frameLength(damaged, 0);
            int next = BatchLayout.HEADER_LENGTH;
            while (next != end && (next = view.moveTo(next)) != RecordFlyweight.DAMAGED) {
                assertTrue(view.keyIndex() <= view.valueIndex());
                assertTrue(view.valueIndex() <= view.headersIndex());
                assertTrue(view.headersIndex() + view.headersLength() <= next);
                assertTrue(next <= end);
            }
        }
    }
}
