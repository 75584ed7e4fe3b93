package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * The header of a batch: 64 bytes, little-endian, every field on its natural boundary. Recovery, retention,
 * replication and transactions look at nothing else of a batch; how the records behind it are laid out is said by
 * {@code encoding} alone, and whether they are compressed, by {@code codec}: then {@link CompressedLayout} is behind it.
 *
 * <pre>
 *   0               4               8              12              16
 *   +---------------+---------------+-------------------------------+
 *   |  frameLength  |    crc32c     |          baseOffset           |
 *   +---------------+---------------+-------------------------------+
 *  16 lastOffsetDelta   recordCount |         baseTimestamp         |
 *   +-------------------------------+-------------------------------+
 *  32         maxTimestamp          |          producerId           |
 *   +-------+---+---+---+---+-------+---------------+---------------+
 *  48 epoch |typ|flg|cdc|enc| zero  | baseSequence  |  leaderEpoch  |
 *   +-------+---+---+---+---+-------+---------------+---------------+
 *  64 records ...                                      frameLength >|
 * </pre>
 *
 * {@code frameLength} counts the header too, is a multiple of 8, and is the commit word where a batch becomes visible
 * by being written. {@code crc32c} covers everything behind itself. {@code epoch} is the producer's.
 *
 * <p>Batches of a log continue each other without a gap, also when it was compacted: what went in front of a batch is
 * counted by its {@code lastOffsetDelta}, and the records' own deltas tell which are left. All that is counted to a batch
 * was written under its {@code leaderEpoch}, and nothing is counted to one that a producer numbered. A batch may have no
 * record at all; {@code baseTimestamp} then tells how new its newest one was. One that keeps a tombstone has {@link
 * #FLAG_DELETE_HORIZON}, and {@code baseTimestamp} then tells until when.
 */
public final class BatchLayout {
    public static final int FRAME_LENGTH = 0;
    public static final int CRC32C = 4;
    public static final int BASE_OFFSET = 8;
    public static final int LAST_OFFSET_DELTA = 16;
    public static final int RECORD_COUNT = 20;
    public static final int BASE_TIMESTAMP = 24;
    public static final int MAX_TIMESTAMP = 32;
    public static final int PRODUCER_ID = 40;
    public static final int PRODUCER_EPOCH = 48;
    public static final int TYPE = 50;
    public static final int FLAGS = 51;
    public static final int CODEC = 52;
    public static final int ENCODING = 53;
    public static final int ZERO = 54;
    public static final int BASE_SEQUENCE = 56;
    public static final int LEADER_EPOCH = 60;
    public static final int HEADER_LENGTH = 64;

    public static final int ALIGNMENT = 8;

    public static final byte TYPE_DATA = 1;
    public static final byte TYPE_COMMIT = 2;
    public static final byte TYPE_ABORT = 3;

    public static final byte FLAG_TRANSACTIONAL = 1;
    public static final byte FLAG_LOG_APPEND_TIME = 2;
    /** {@code baseTimestamp} is the time from which on compaction may take the tombstones of the batch. */
    public static final byte FLAG_DELETE_HORIZON = 4;

    /** Kafka's numbers; 2 is its snappy. */
    public static final byte CODEC_NONE = 0;

    public static final byte CODEC_GZIP = 1;
    public static final byte CODEC_LZ4 = 3;
    public static final byte CODEC_ZSTD = 4;

    /** {@link RecordLayout}. */
    public static final byte ENCODING_FIXED = 0;
    /** Kafka's RecordBatch v2, byte for byte; the number is taken, nothing writes it yet. */
    public static final byte ENCODING_KAFKA_V2 = 1;

    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;
    public static final int NO_LEADER_EPOCH = -1;
    /** Of a batch without a record. */
    public static final long NO_TIMESTAMP = -1;
    /** Later than any time. */
    public static final long NO_DELETE_HORIZON = Long.MAX_VALUE;

    private BatchLayout() {}

    public static int frameLength(DirectBuffer buffer, int batch) {
        return buffer.getInt(batch + FRAME_LENGTH, LITTLE_ENDIAN);
    }

    public static int crc32c(DirectBuffer buffer, int batch) {
        return buffer.getInt(batch + CRC32C, LITTLE_ENDIAN);
    }

    public static long baseOffset(DirectBuffer buffer, int batch) {
        return buffer.getLong(batch + BASE_OFFSET, LITTLE_ENDIAN);
    }

    public static int recordCount(DirectBuffer buffer, int batch) {
        return buffer.getInt(batch + RECORD_COUNT, LITTLE_ENDIAN);
    }

    /** Exclusive: one more than the offset of the last record, counting those that compaction took away. */
    public static long endOffset(DirectBuffer buffer, int batch) {
        return baseOffset(buffer, batch) + buffer.getInt(batch + LAST_OFFSET_DELTA, LITTLE_ENDIAN) + 1;
    }

    public static long baseTimestamp(DirectBuffer buffer, int batch) {
        return buffer.getLong(batch + BASE_TIMESTAMP, LITTLE_ENDIAN);
    }

    public static long maxTimestamp(DirectBuffer buffer, int batch) {
        return buffer.getLong(batch + MAX_TIMESTAMP, LITTLE_ENDIAN);
    }

    /** Of its newest record, also when that is not there any more because compaction left none. */
    public static long newestTimestamp(DirectBuffer buffer, int batch) {
        return recordCount(buffer, batch) == 0 ? baseTimestamp(buffer, batch) : maxTimestamp(buffer, batch);
    }

    /** From when on its tombstones may go; {@link #NO_DELETE_HORIZON} when that was not decided yet. */
    public static long deleteHorizonMs(DirectBuffer buffer, int batch) {
        boolean isDecided = (flags(buffer, batch) & FLAG_DELETE_HORIZON) != 0;
        return isDecided ? baseTimestamp(buffer, batch) : NO_DELETE_HORIZON;
    }

    public static long producerId(DirectBuffer buffer, int batch) {
        return buffer.getLong(batch + PRODUCER_ID, LITTLE_ENDIAN);
    }

    public static short producerEpoch(DirectBuffer buffer, int batch) {
        return buffer.getShort(batch + PRODUCER_EPOCH, LITTLE_ENDIAN);
    }

    /** Of its first record; {@link #NO_SEQUENCE} where the producer numbers none. */
    public static int baseSequence(DirectBuffer buffer, int batch) {
        return buffer.getInt(batch + BASE_SEQUENCE, LITTLE_ENDIAN);
    }

    /** Of the leader that appended it. */
    public static int leaderEpoch(DirectBuffer buffer, int batch) {
        return buffer.getInt(batch + LEADER_EPOCH, LITTLE_ENDIAN);
    }

    public static byte type(DirectBuffer buffer, int batch) {
        return buffer.getByte(batch + TYPE);
    }

    public static byte flags(DirectBuffer buffer, int batch) {
        return buffer.getByte(batch + FLAGS);
    }

    public static byte codec(DirectBuffer buffer, int batch) {
        return buffer.getByte(batch + CODEC);
    }

    public static byte encoding(DirectBuffer buffer, int batch) {
        return buffer.getByte(batch + ENCODING);
    }

    /**
     * Whether {@code available} bytes at {@code batch} begin with a header that can be one: enough to step over the
     * batch without leaving the buffer. Says nothing about the content; {@link Crc32c#matches} does.
     */
    public static boolean isPlausible(DirectBuffer buffer, int batch, int available) {
        if (available < HEADER_LENGTH) {
            return false;
        }
        int frameLength = frameLength(buffer, batch);
        return frameLength >= HEADER_LENGTH && frameLength <= available && frameLength % ALIGNMENT == 0;
    }

    /**
     * Refuses what a log must not append: a batch that is larger than it takes, is no whole batch, or does not begin where
     * the log ends.
     */
    public static void requireAppendable(
            String log, DirectBuffer buffer, int batch, int length, int batchBytesMax, long logEndOffset) {
        if (length > batchBytesMax) {
            throw new IllegalArgumentException("batch exceeds the largest one that the log takes: log=" + log
                    + ", batchBytes=" + length + ", batchBytesMax=" + batchBytesMax);
        }
        if (!isPlausible(buffer, batch, length) || frameLength(buffer, batch) != length) {
            throw new IllegalArgumentException("length is not the frame length of a batch: log=" + log + ", length="
                    + length + (length < Integer.BYTES ? "" : ", frameLength=" + frameLength(buffer, batch)));
        }
        long baseOffset = baseOffset(buffer, batch);
        long endOffset = endOffset(buffer, batch);
        if (baseOffset != logEndOffset || endOffset <= baseOffset) {
            throw new IllegalArgumentException("batch does not continue the log: log=" + log + ", baseOffset="
                    + baseOffset + ", batchEndOffset=" + endOffset + ", endOffset=" + logEndOffset);
        }
    }
}
