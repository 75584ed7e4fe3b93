package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Collects records into one batch, in memory of its own, until it is finished and appended. Owned by the lane thread.
 */
public final class BatchBuilder implements AutoCloseable {
    private static final int INITIAL_CAPACITY_BYTES = 4 * 1024;

    private final Crc32c crc = new Crc32c();
    private final UnsafeBuffer buffer = new UnsafeBuffer(allocate(INITIAL_CAPACITY_BYTES));
    private int length = BatchLayout.HEADER_LENGTH;
    private int recordCount;
    private long timestampMin = Long.MAX_VALUE;
    private long timestampMax = Long.MIN_VALUE;
    private byte flags;
    private long producerId = BatchLayout.NO_PRODUCER_ID;
    private short producerEpoch = BatchLayout.NO_PRODUCER_EPOCH;
    private int baseSequence = BatchLayout.NO_SEQUENCE;
    private int leaderEpoch = BatchLayout.NO_LEADER_EPOCH;

    /**
     * Copies a run of records in encoding 0 behind those that are there, and stamps those that have no time. The run ends
     * where its room ends, or at a record of length 0.
     */
    public void add(DirectBuffer source, int index, int runLength, long nowMs) {
        ensureCapacity(length + runLength);
        buffer.putBytes(length, source, index, runLength);
        int end = length + runLength;
        while (length < end) {
            int recordLength = RecordLayout.length(buffer, length);
            if (recordLength == 0) {
                break;
            }
            buffer.putInt(length + RecordLayout.OFFSET_DELTA, recordCount++, LITTLE_ENDIAN);
            stamp(length, nowMs);
            length += recordLength;
        }
    }

    private void stamp(int record, long nowMs) {
        long timestamp = RecordLayout.timestamp(buffer, record);
        if (timestamp == RecordLayout.NO_TIMESTAMP) {
            timestamp = nowMs;
            buffer.putLong(record + RecordLayout.TIMESTAMP, nowMs, LITTLE_ENDIAN);
        }
        timestampMin = Math.min(timestampMin, timestamp);
        timestampMax = Math.max(timestampMax, timestamp);
    }

    /** Gives all records that are there the time at which they are appended, in place of their own. */
    public void stampAll(long appendTimeMs) {
        int record = BatchLayout.HEADER_LENGTH;
        while (record < length) {
            buffer.putLong(record + RecordLayout.TIMESTAMP, appendTimeMs, LITTLE_ENDIAN);
            record += RecordLayout.length(buffer, record);
        }
        timestampMin = appendTimeMs;
        timestampMax = appendTimeMs;
        flags = BatchLayout.FLAG_LOG_APPEND_TIME;
    }

    /** Says who wrote the records, and how that producer numbered the first of them; until {@link #clear}. */
    public void stampProducer(long id, short epoch, int firstSequence) {
        producerId = id;
        producerEpoch = epoch;
        baseSequence = firstSequence;
    }

    /** Says under which leader they are appended; until {@link #clear}. */
    public void stampLeaderEpoch(int epoch) {
        leaderEpoch = epoch;
    }

    /** Writes the header and the checksum. The batch then lies at index 0 of {@link #buffer}. */
    public void finish(long baseOffset) {
        buffer.putInt(BatchLayout.FRAME_LENGTH, length, LITTLE_ENDIAN);
        buffer.putLong(BatchLayout.BASE_OFFSET, baseOffset, LITTLE_ENDIAN);
        buffer.putInt(BatchLayout.LAST_OFFSET_DELTA, recordCount - 1, LITTLE_ENDIAN);
        buffer.putInt(BatchLayout.RECORD_COUNT, recordCount, LITTLE_ENDIAN);
        buffer.putLong(BatchLayout.BASE_TIMESTAMP, timestampMin, LITTLE_ENDIAN);
        buffer.putLong(BatchLayout.MAX_TIMESTAMP, timestampMax, LITTLE_ENDIAN);
        buffer.putLong(BatchLayout.PRODUCER_ID, producerId, LITTLE_ENDIAN);
        buffer.putShort(BatchLayout.PRODUCER_EPOCH, producerEpoch, LITTLE_ENDIAN);
        buffer.putByte(BatchLayout.TYPE, BatchLayout.TYPE_DATA);
        buffer.putByte(BatchLayout.FLAGS, flags);
        buffer.putByte(BatchLayout.CODEC, BatchLayout.CODEC_NONE);
        buffer.putByte(BatchLayout.ENCODING, BatchLayout.ENCODING_FIXED);
        buffer.putShort(BatchLayout.ZERO, (short) 0);
        buffer.putInt(BatchLayout.BASE_SEQUENCE, baseSequence, LITTLE_ENDIAN);
        buffer.putInt(BatchLayout.LEADER_EPOCH, leaderEpoch, LITTLE_ENDIAN);
        buffer.putInt(BatchLayout.CRC32C, crc.compute(buffer, 0), LITTLE_ENDIAN);
    }

    /** Forgets the records and what was stamped; the memory stays. */
    public void clear() {
        length = BatchLayout.HEADER_LENGTH;
        recordCount = 0;
        timestampMin = Long.MAX_VALUE;
        timestampMax = Long.MIN_VALUE;
        flags = 0;
        stampProducer(BatchLayout.NO_PRODUCER_ID, BatchLayout.NO_PRODUCER_EPOCH, BatchLayout.NO_SEQUENCE);
        stampLeaderEpoch(BatchLayout.NO_LEADER_EPOCH);
    }

    public DirectBuffer buffer() {
        return buffer;
    }

    /** Header included. */
    public int length() {
        return length;
    }

    public int recordCount() {
        return recordCount;
    }

    /** How much memory it has by now. */
    public int capacity() {
        return buffer.capacity();
    }

    /** Gives the memory back; nothing can be added any more. */
    @Override
    public void close() {
        BufferUtil.free(buffer);
        buffer.wrap(0, 0);
    }

    private void ensureCapacity(int needed) {
        if (needed > buffer.capacity()) {
            ByteBuffer larger = allocate(BitUtil.findNextPositivePowerOfTwo(needed));
            buffer.getBytes(0, larger, 0, length);
            ByteBuffer smaller = buffer.byteBuffer();
            buffer.wrap(larger);
            BufferUtil.free(smaller);
        }
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }
}
