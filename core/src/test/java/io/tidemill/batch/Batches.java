package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Builds batches for tests, and tells whether what comes back is what was built. */
public final class Batches {
    private static final long TIMESTAMP = 1_700_000_000_000L;
    private static final int VALUE_LENGTH_MAX = 200;

    private Batches() {}

    /** A finished batch, one record for each value, without keys; the buffer is as long as the batch. */
    public static UnsafeBuffer of(long baseOffset, byte[]... values) {
        BatchBuilder builder = new BatchBuilder();
        for (byte[] value : values) {
            UnsafeBuffer record = record(RecordLayout.NO_TIMESTAMP, null, value);
            builder.add(record, 0, record.capacity(), TIMESTAMP);
        }
        builder.finish(baseOffset);
        return new UnsafeBuffer(bytes(builder.buffer(), 0));
    }

    /** A batch whose records tell their own offset, so that {@link #checkNumbered} needs no memory of it. */
    public static UnsafeBuffer numbered(long baseOffset, int recordCount) {
        byte[][] values = new byte[recordCount][];
        for (int i = 0; i < recordCount; i++) {
            values[i] = numberedValue(baseOffset + i);
        }
        return of(baseOffset, values);
    }

    /** A batch as compaction leaves it: of the offsets between these two it has a record for some only, or for none. */
    public static UnsafeBuffer thinned(long baseOffset, long endOffset, long... offsets) {
        byte[][] values = new byte[offsets.length][];
        for (int i = 0; i < offsets.length; i++) {
            values[i] = numberedValue(offsets[i]);
        }
        UnsafeBuffer batch = of(baseOffset, values);
        int record = BatchLayout.HEADER_LENGTH;
        for (long offset : offsets) {
            batch.putInt(record + RecordLayout.OFFSET_DELTA, (int) (offset - baseOffset), LITTLE_ENDIAN);
            record += RecordLayout.length(batch, record);
        }
        batch.putInt(BatchLayout.LAST_OFFSET_DELTA, (int) (endOffset - 1 - baseOffset), LITTLE_ENDIAN);
        batch.putInt(BatchLayout.CRC32C, new Crc32c().compute(batch, 0), LITTLE_ENDIAN);
        return batch;
    }

    /** A batch that a producer numbered, of so many records without key and value, all of that time. */
    public static UnsafeBuffer produced(
            long baseOffset, long producerId, int producerEpoch, int baseSequence, int recordCount, long timestamp) {
        try (BatchBuilder builder = new BatchBuilder()) {
            UnsafeBuffer record = record(timestamp, null, null);
            for (int i = 0; i < recordCount; i++) {
                builder.add(record, 0, record.capacity(), timestamp);
            }
            builder.stampProducer(producerId, (short) producerEpoch, baseSequence);
            builder.finish(baseOffset);
            return new UnsafeBuffer(bytes(builder.buffer(), 0));
        }
    }

    /** A batch of one record that takes exactly so many bytes; they must be a multiple of the alignment. */
    public static UnsafeBuffer ofBytes(long baseOffset, int batchBytes) {
        byte[] value = new byte[batchBytes - BatchLayout.HEADER_LENGTH - RecordLayout.HEADER_LENGTH];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (i * 31 + baseOffset);
        }
        UnsafeBuffer batch = of(baseOffset, value);
        assertEquals(batchBytes, batch.capacity());
        return batch;
    }

    /** One record in encoding 0; the buffer is as long as the record. */
    public static UnsafeBuffer record(long timestamp, byte[] key, byte[] value) {
        int keyLength = key == null ? RecordLayout.NULL_LENGTH : key.length;
        int valueLength = value == null ? RecordLayout.NULL_LENGTH : value.length;
        int length = Math.toIntExact(RecordLayout.length(keyLength, valueLength, 0));
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[length]);
        RecordLayout.putHeader(buffer, 0, timestamp, keyLength, valueLength, 0);
        put(buffer, RecordLayout.keyIndex(0), key);
        put(buffer, RecordLayout.valueIndex(buffer, 0), value);
        return buffer;
    }

    /** A copy of the batch at that index. */
    public static byte[] bytes(DirectBuffer buffer, int batch) {
        byte[] bytes = new byte[BatchLayout.frameLength(buffer, batch)];
        buffer.getBytes(batch, bytes);
        return bytes;
    }

    /** In groups of four bytes and lines of sixteen, for comparison with a picture. */
    public static String hex(byte[] bytes) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            hex.append(i == 0 ? "" : i % 16 == 0 ? "\n" : i % 4 == 0 ? " " : "");
            hex.append(HexFormat.of().toHexDigits(bytes[i]));
        }
        return hex.toString();
    }

    /** Fails unless the batch is whole and holds what {@link #numbered} puts at these offsets. */
    public static void checkNumbered(Crc32c crc, DirectBuffer buffer, int batch) {
        long baseOffset = BatchLayout.baseOffset(buffer, batch);
        assertTrue(crc.matches(buffer, batch), () -> "checksum: baseOffset=" + baseOffset);
        int end = batch + BatchLayout.frameLength(buffer, batch);
        long offset = baseOffset;
        for (int record = batch + BatchLayout.HEADER_LENGTH;
                record < end;
                record += RecordLayout.length(buffer, record)) {
            byte[] value = new byte[RecordLayout.valueLength(buffer, record)];
            buffer.getBytes(RecordLayout.valueIndex(buffer, record), value);
            assertArrayEquals(numberedValue(offset++), value);
        }
        assertEquals(BatchLayout.endOffset(buffer, batch), offset);
    }

    private static byte[] numberedValue(long offset) {
        byte[] value = new byte[Long.BYTES + (int) (offset * 7 % (VALUE_LENGTH_MAX - Long.BYTES))];
        new UnsafeBuffer(value).putLong(0, offset, LITTLE_ENDIAN);
        for (int i = Long.BYTES; i < value.length; i++) {
            value[i] = (byte) (offset + i);
        }
        return value;
    }

    private static void put(MutableDirectBuffer buffer, int index, byte[] bytes) {
        if (bytes != null) {
            buffer.putBytes(index, bytes);
        }
    }
}
