package io.tidemill.compaction;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.CompressionType;
import io.tidemill.batch.BatchBuilder;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.codec.BatchCompressor;
import io.tidemill.codec.UncompressedBatch;
import io.tidemill.idempotence.ProducerStates;
import io.tidemill.runtime.JvmAccess;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What becomes of a batch, byte for byte, and of the offsets that went. */
class BatchRewriterTest {
    private static final long NOW_MS = 1_000;
    private static final long HORIZON_MS = 5_000;
    private static final long OFFSETS_MAX = 1L << 31;
    private static final long PRODUCER_ID = 11;

    static {
        JvmAccess.ensureAgrona();
    }

    private final OffsetMap lastOffsets = new OffsetMap(100);
    private final ProducerStates producers = new ProducerStates();
    private final List<UnsafeBuffer> written = new ArrayList<>();

    @Test
    void leavesABatchAsItIsIfNothingOfItWent() {
        UnsafeBuffer batch = batch(7, "a", "1", "b", "2");
        BatchRewriter rewriter = rewriter(7, Long.MAX_VALUE);

        rewriter.onBatch(batch, 0);
        rewriter.end(9);

        assertFalse(rewriter.isChanged());
        assertWritten(batch);
    }

    @Test
    void countsWhatWentToTheBatchBehindIt() {
        put("a", 12);
        put("b", 13);
        BatchRewriter rewriter = rewriter(7, Long.MAX_VALUE);

        rewriter.onBatch(batch(7, "a", "1", "b", "2"), 0);
        rewriter.onBatch(batch(9, "b", "3"), 0);
        rewriter.onBatch(batch(10, "b", "4", "c", "5", "a", "6", "b", "7"), 0);
        rewriter.end(14);

        assertTrue(rewriter.isChanged());
        assertEquals(List.of("7..14 3 of [11 c=5, 12 a=6, 13 b=7]"), texts());
    }

    @Test
    void endsInABatchWithoutARecord() {
        put("a", 100);
        BatchRewriter rewriter = rewriter(7, Long.MAX_VALUE);

        rewriter.onBatch(batch(7, "x", "1"), 0);
        rewriter.onBatch(batch(8, "a", "2", "a", "3"), 0);
        rewriter.onBatch(Batches.thinned(10, 20), 0);
        rewriter.end(20);

        assertEquals(List.of("7..8 1 of [7 x=1]", "8..20 0 of []"), texts());
        assertEquals(BatchLayout.NO_TIMESTAMP, BatchLayout.maxTimestamp(written.get(1), 0));
    }

    @Test
    void neverCountsMoreOffsetsToABatchThanItsHeaderCanTell() {
        UnsafeBuffer last = batch(3 * OFFSETS_MAX, "a", "1");
        BatchRewriter rewriter = rewriter(0, Long.MAX_VALUE);

        for (int i = 0; i < 3; i++) {
            rewriter.onBatch(Batches.thinned(i * OFFSETS_MAX, (i + 1) * OFFSETS_MAX), 0);
        }
        rewriter.onBatch(last, 0);
        rewriter.end(3 * OFFSETS_MAX + 1);

        assertEquals(4, written.size());
        for (int i = 0; i < 3; i++) {
            assertEquals(i * OFFSETS_MAX, BatchLayout.baseOffset(written.get(i), 0));
            assertEquals((i + 1) * OFFSETS_MAX, BatchLayout.endOffset(written.get(i), 0));
        }
        assertArrayEquals(last.byteArray(), written.get(3).byteArray());
    }

    @Test
    void growsABatchUpToThatLimit() {
        BatchRewriter rewriter = rewriter(0, Long.MAX_VALUE);

        rewriter.onBatch(Batches.thinned(0, OFFSETS_MAX - 1), 0);
        rewriter.onBatch(batch(OFFSETS_MAX - 1, "a", "1"), 0);
        rewriter.end(OFFSETS_MAX);

        assertEquals(List.of("0.." + OFFSETS_MAX + " 1 of [" + (OFFSETS_MAX - 1) + " a=1]"), texts());
    }

    @Test
    void keepsWhatTheHeaderSaysOfItsWriter() {
        put("a", 100);
        UnsafeBuffer batch = batch(7, "a", "1", "b", "2");
        batch.putLong(BatchLayout.PRODUCER_ID, 11, LITTLE_ENDIAN);
        batch.putShort(BatchLayout.PRODUCER_EPOCH, (short) 12, LITTLE_ENDIAN);
        batch.putInt(BatchLayout.BASE_SEQUENCE, 13, LITTLE_ENDIAN);
        batch.putInt(BatchLayout.LEADER_EPOCH, 14, LITTLE_ENDIAN);
        batch.putByte(BatchLayout.FLAGS, BatchLayout.FLAG_LOG_APPEND_TIME);
        batch.putInt(BatchLayout.CRC32C, new Crc32c().compute(batch, 0), LITTLE_ENDIAN);
        BatchRewriter rewriter = rewriter(5, Long.MAX_VALUE);

        rewriter.onBatch(batch, 0);

        // Its sequence counts from its base offset, so that stays.
        assertEquals(List.of("5..7 0 of []", "7..9 1 of [8 b=2]"), texts());
        UnsafeBuffer kept = written.get(1);
        for (int index = BatchLayout.PRODUCER_ID; index < BatchLayout.HEADER_LENGTH; index++) {
            assertEquals(batch.getByte(index), kept.getByte(index), "index=" + index);
        }
    }

    /** A producer may send it again, and whoever reads the log must know it then. */
    @Test
    void keepsTheHeaderOfAProducersLastBatches() {
        put("a", 100);
        BatchRewriter rewriter = rewriter(7, Long.MAX_VALUE);
        UnsafeBuffer batch = produced(9, 0, 20, "a", "1", "a", "2");

        rewriter.onBatch(batch(7, "a", "0", "a", "0"), 0);
        rewriter.onBatch(batch, 0);
        rewriter.end(11);

        assertEquals(List.of("7..9 0 of []", "9..11 0 of []"), texts());
        UnsafeBuffer kept = written.get(1);
        assertEquals(20, BatchLayout.newestTimestamp(kept, 0));
        assertEquals(BatchLayout.NO_TIMESTAMP, BatchLayout.maxTimestamp(kept, 0));
        for (int index = BatchLayout.PRODUCER_ID; index < BatchLayout.HEADER_LENGTH; index++) {
            assertEquals(batch.getByte(index), kept.getByte(index), "index=" + index);
        }
        assertStays(kept);
    }

    @Test
    void keepsTheHeaderOfACompressedBatchWithoutItsCodec() {
        put("a", 100);
        BatchRewriter rewriter = rewriter(9, Long.MAX_VALUE);
        UnsafeBuffer gzipped =
                compressed(produced(9, 77, 20, "a", "v".repeat(200), "a", "v".repeat(200)), CompressionType.GZIP);
        assertEquals(PRODUCER_ID, BatchLayout.producerId(gzipped, 0));

        rewriter.onBatch(gzipped, 0);

        assertEquals(List.of("9..11 0 of []"), texts());
        assertEquals(BatchLayout.CODEC_NONE, BatchLayout.codec(written.get(0), 0));
        assertEquals(PRODUCER_ID, BatchLayout.producerId(written.get(0), 0));
        assertEquals(77, BatchLayout.baseSequence(written.get(0), 0));
        assertStays(written.get(0));
    }

    private void assertStays(UnsafeBuffer batch) {
        written.clear();
        BatchRewriter next = rewriter(BatchLayout.baseOffset(batch, 0), Long.MAX_VALUE);
        next.onBatch(batch, 0);
        assertFalse(next.isChanged());
        assertWritten(batch);
    }

    @Test
    void dropsTheHeaderOfABatchThatFiveOthersFollowed() {
        put("a", 100);
        for (int i = 0; i < ProducerStates.BATCHES_PER_PRODUCER; i++) {
            producers.onAppended(produced(20 + i, i, 20, "b", "1"), 0, NOW_MS);
        }
        BatchRewriter rewriter = rewriter(19, Long.MAX_VALUE);

        rewriter.onBatch(produced(19, 99, 20, "a", "1"), 0);
        rewriter.onBatch(produced(20, 0, 20, "a", "1"), 0);

        assertEquals(List.of("19..20 0 of []", "20..21 0 of []"), texts());
        assertEquals(BatchLayout.NO_PRODUCER_ID, BatchLayout.producerId(written.get(0), 0));
        assertEquals(PRODUCER_ID, BatchLayout.producerId(written.get(1), 0));
    }

    @Test
    void dropsTheHeaderOfABatchThatIsTooLongAgo() {
        put("a", 100);
        UnsafeBuffer batch = produced(7, 0, 20, "a", "1");
        BatchRewriter young = rewriter(20 + ProducerStates.EXPIRATION_MS - 1, 7, Long.MAX_VALUE);
        young.onBatch(batch, 0);
        UnsafeBuffer kept = written.get(0);
        written.clear();

        BatchRewriter old = rewriter(20 + ProducerStates.EXPIRATION_MS, 7, Long.MAX_VALUE);
        old.onBatch(kept, 0);
        old.end(8);

        assertEquals(PRODUCER_ID, BatchLayout.producerId(kept, 0));
        assertEquals(1, written.size());
        assertEquals(BatchLayout.NO_PRODUCER_ID, BatchLayout.producerId(written.get(0), 0));
    }

    /** Else the table of epochs that is read from the headers would be another one. */
    @Test
    void countsOffsetsToNoBatchOfAnotherLeaderEpoch() {
        put("a", 100);
        BatchRewriter rewriter = rewriter(5, Long.MAX_VALUE);

        rewriter.onBatch(led(3, batch(5, "x", "1")), 0);
        rewriter.onBatch(led(3, batch(6, "a", "1", "a", "2")), 0);
        rewriter.onBatch(led(4, batch(8, "a", "3")), 0);
        rewriter.onBatch(led(4, batch(9, "y", "4")), 0);
        rewriter.onBatch(led(4, batch(10, "a", "5")), 0);
        rewriter.onBatch(led(6, batch(11, "a", "6")), 0);
        rewriter.end(12);

        assertEquals(
                List.of("5..6 1 of [5 x=1]", "6..8 0 of []", "8..10 1 of [9 y=4]", "10..11 0 of []", "11..12 0 of []"),
                texts());
        assertEquals(
                List.of(3, 3, 4, 4, 6),
                written.stream().map(batch -> BatchLayout.leaderEpoch(batch, 0)).toList());
    }

    @Test
    void tellsTheTimesOfWhatIsLeft() {
        put("a", 100);
        put("c", 100);
        BatchRewriter rewriter = rewriter(0, Long.MAX_VALUE);
        UnsafeBuffer batch = batch(0, "a", "1", "b", "2", "d", "3", "c", "4");

        rewriter.onBatch(batch, 0);

        assertEquals(10, BatchLayout.baseTimestamp(batch, 0));
        assertEquals(40, BatchLayout.maxTimestamp(batch, 0));
        assertEquals(20, BatchLayout.baseTimestamp(written.get(0), 0));
        assertEquals(30, BatchLayout.maxTimestamp(written.get(0), 0));
    }

    @Test
    void givesATombstoneItsTimeOnce() {
        BatchRewriter first = rewriter(0, Long.MAX_VALUE);
        first.onBatch(batch(0, "a", null, "b", "2"), 0);
        UnsafeBuffer marked = written.get(0);

        assertTrue(first.isChanged());
        assertEquals(HORIZON_MS, first.deleteHorizonMs());
        assertEquals(HORIZON_MS, BatchLayout.deleteHorizonMs(marked, 0));
        assertEquals(List.of("0..2 2 of [0 a=null, 1 b=2]"), texts());

        written.clear();
        BatchRewriter later = rewriter(HORIZON_MS - 1, 0, Long.MAX_VALUE);
        later.onBatch(marked, 0);
        assertFalse(later.isChanged());
        assertEquals(HORIZON_MS, later.deleteHorizonMs());
        assertWritten(marked);

        written.clear();
        BatchRewriter then = rewriter(HORIZON_MS, 0, Long.MAX_VALUE);
        then.onBatch(marked, 0);
        assertTrue(then.isChanged());
        assertEquals(BatchLayout.NO_DELETE_HORIZON, then.deleteHorizonMs());
        assertEquals(BatchLayout.NO_DELETE_HORIZON, BatchLayout.deleteHorizonMs(written.get(0), 0));
        assertEquals(List.of("0..2 1 of [1 b=2]"), texts());
    }

    @Test
    void compressesWhatIsLeftByTheCodecThatItHad() {
        String value = "v".repeat(200);
        UnsafeBuffer plain = batch(7, "a", value, "b", value, "c", value);
        UnsafeBuffer gzipped = compressed(plain, CompressionType.GZIP);
        put("b", 100);
        BatchRewriter rewriter = rewriter(7, Long.MAX_VALUE);

        rewriter.onBatch(gzipped, 0);
        rewriter.end(10);

        assertTrue(rewriter.isChanged());
        assertEquals(1, written.size());
        UnsafeBuffer left = written.get(0);
        assertTrue(new Crc32c().matches(left, 0));
        assertEquals(CompressionType.GZIP.id(), BatchLayout.codec(left, 0));
        UncompressedBatch uncompressed = new UncompressedBatch("here");
        uncompressed.enter(left, 0);
        assertEquals(
                List.of("7 a=" + value, "9 c=" + value),
                records(new UnsafeBuffer(Batches.bytes(uncompressed.buffer(), 0))));
    }

    @Test
    void leavesACompressedBatchAsItIsIfNothingOfItWent() {
        UnsafeBuffer gzipped = compressed(batch(7, "a", "v".repeat(200)), CompressionType.GZIP);
        BatchRewriter rewriter = rewriter(7, Long.MAX_VALUE);

        rewriter.onBatch(gzipped, 0);
        rewriter.end(8);

        assertFalse(rewriter.isChanged());
        assertWritten(gzipped);
    }

    @Test
    void doesNotCompressWhatBecomesTooSmallForIt() {
        UnsafeBuffer gzipped = compressed(batch(7, "a", "v".repeat(500), "b", "2"), CompressionType.GZIP);
        put("a", 100);
        BatchRewriter rewriter = rewriter(7, Long.MAX_VALUE);

        rewriter.onBatch(gzipped, 0);

        assertEquals(BatchLayout.CODEC_NONE, BatchLayout.codec(written.get(0), 0));
        assertEquals(List.of("7..9 1 of [8 b=2]"), texts());
    }

    private static UnsafeBuffer compressed(UnsafeBuffer batch, CompressionType type) {
        UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(batch.capacity()));
        direct.putBytes(0, batch, 0, batch.capacity());
        try (BatchCompressor compressor = new BatchCompressor()) {
            UnsafeBuffer compressed = new UnsafeBuffer(Batches.bytes(compressor.compress(direct, type), 0));
            assertEquals(type.id(), BatchLayout.codec(compressed, 0));
            return compressed;
        }
    }

    /** What the map does not know may have something in front of it that it hides. */
    @Test
    void givesNoTimeToATombstoneBehindTheMap() {
        BatchRewriter rewriter = rewriter(0, 2);
        UnsafeBuffer behind = batch(2, "b", null);

        rewriter.onBatch(batch(0, "a", null, "b", "2"), 0);
        rewriter.onBatch(behind, 0);

        assertEquals(HORIZON_MS, BatchLayout.deleteHorizonMs(written.get(0), 0));
        assertArrayEquals(behind.byteArray(), written.get(1).byteArray());
    }

    private BatchRewriter rewriter(long baseOffset, long mappedOffset) {
        return rewriter(NOW_MS, baseOffset, mappedOffset);
    }

    private BatchRewriter rewriter(long nowMs, long baseOffset, long mappedOffset) {
        long newHorizonMs = nowMs + HORIZON_MS - NOW_MS;
        DirtyPart dirty = new DirtyPart(lastOffsets, producers, mappedOffset);
        return new BatchRewriter(dirty, nowMs, newHorizonMs, baseOffset, new Written());
    }

    private final class Written implements CompactedLog.Rewrite {
        @Override
        public void append(DirectBuffer buffer, int batchIndex, int length) {
            assertEquals(BatchLayout.frameLength(buffer, batchIndex), length);
            written.add(new UnsafeBuffer(Batches.bytes(buffer, batchIndex)));
        }

        @Override
        public long bytes() {
            return written.size();
        }

        @Override
        public boolean replaceRuns(long endOffset, long deleteHorizonMs) {
            throw new AssertionError("a rewriter replaces nothing");
        }

        @Override
        public void close() {
            throw new AssertionError("a rewriter closes nothing");
        }
    }

    private void put(String key, long offset) {
        UnsafeBuffer buffer = new UnsafeBuffer(key.getBytes(UTF_8));
        lastOffsets.put(buffer, 0, buffer.capacity(), offset);
    }

    /** Keys and values in turn; the times of the records are 10, 20, 30 and so on. */
    private static UnsafeBuffer batch(long baseOffset, String... keysAndValues) {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            String value = keysAndValues[i + 1];
            UnsafeBuffer record = Batches.record(
                    5L * (i + 2), keysAndValues[i].getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
            builder.add(record, 0, record.capacity(), NOW_MS);
        }
        builder.finish(baseOffset);
        return new UnsafeBuffer(Batches.bytes(builder.buffer(), 0));
    }

    private static UnsafeBuffer led(int leaderEpoch, UnsafeBuffer batch) {
        batch.putInt(BatchLayout.LEADER_EPOCH, leaderEpoch, LITTLE_ENDIAN);
        return sealed(batch);
    }

    private static UnsafeBuffer produced(
            long baseOffset, int baseSequence, long maxTimestamp, String... keysAndValues) {
        UnsafeBuffer batch = batch(baseOffset, keysAndValues);
        batch.putLong(BatchLayout.MAX_TIMESTAMP, maxTimestamp, LITTLE_ENDIAN);
        batch.putLong(BatchLayout.PRODUCER_ID, PRODUCER_ID, LITTLE_ENDIAN);
        batch.putShort(BatchLayout.PRODUCER_EPOCH, (short) 12, LITTLE_ENDIAN);
        batch.putInt(BatchLayout.BASE_SEQUENCE, baseSequence, LITTLE_ENDIAN);
        return sealed(batch);
    }

    private static UnsafeBuffer sealed(UnsafeBuffer batch) {
        batch.putInt(BatchLayout.CRC32C, new Crc32c().compute(batch, 0), LITTLE_ENDIAN);
        return batch;
    }

    private void assertWritten(UnsafeBuffer... batches) {
        assertEquals(batches.length, written.size());
        for (int i = 0; i < batches.length; i++) {
            assertArrayEquals(batches[i].byteArray(), written.get(i).byteArray());
        }
    }

    private List<String> texts() {
        return written.stream().map(BatchRewriterTest::text).toList();
    }

    /** Offsets, count and records of a batch, which must be whole. */
    private static String text(UnsafeBuffer batch) {
        assertTrue(new Crc32c().matches(batch, 0));
        return BatchLayout.baseOffset(batch, 0) + ".." + BatchLayout.endOffset(batch, 0) + " "
                + BatchLayout.recordCount(batch, 0) + " of " + records(batch);
    }

    private static List<String> records(UnsafeBuffer batch) {
        List<String> records = new ArrayList<>();
        RecordFlyweight record = new RecordFlyweight();
        record.enter(batch, 0);
        for (int next = BatchLayout.HEADER_LENGTH; next < batch.capacity(); ) {
            next = record.moveTo(next);
            String key = record.buffer().getStringWithoutLengthUtf8(record.keyIndex(), record.keyLength());
            String value = record.valueLength() < 0
                    ? "null"
                    : record.buffer().getStringWithoutLengthUtf8(record.valueIndex(), record.valueLength());
            records.add(record.offset() + " " + key + "=" + value);
        }
        return records;
    }
}
