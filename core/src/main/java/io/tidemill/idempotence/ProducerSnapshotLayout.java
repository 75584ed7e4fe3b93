package io.tidemill.idempotence;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.errors.CorruptRecordException;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What is known of the producers of a partition, as bytes: little-endian, every field on its natural boundary.
 *
 * <pre>
 *   0               4               8                              16
 *   +---------------+---------------+-------------------------------+
 *   |    version    | producerCount |            offset             |
 *   +---------------+---------------+-------------------------------+
 *  16 for each producer, the one that is silent for the longest time first:
 *   +-------------------------------+-------------------------------+
 *   |          producerId           |            seenMs             |
 *   +-------+-------+---------------+-------------------------------+
 *   | epoch | batchCount    zero    |  its batches, the oldest first:
 *   +-------+-------+---------------+-------------------------------+
 *   |          baseOffset           |           timestamp           |
 *   +---------------+---------------+-------------------------------+
 *   | baseSequence  |  recordCount  |
 *   +---------------+---------------+
 * </pre>
 *
 * {@code offset} is exclusive: everything below it in the log is counted. Whoever stores the bytes sees to a checksum.
 */
final class ProducerSnapshotLayout {
    static final int VERSION = 0;
    static final int PRODUCER_COUNT = 4;
    static final int OFFSET = 8;
    static final int HEADER_LENGTH = 16;

    static final int PRODUCER_ID = 0;
    static final int SEEN_MS = 8;
    static final int EPOCH = 16;
    static final int BATCH_COUNT = 18;
    static final int PRODUCER_LENGTH = 24;

    static final int BASE_OFFSET = 0;
    static final int TIMESTAMP = 8;
    static final int BASE_SEQUENCE = 16;
    static final int RECORD_COUNT = 20;
    static final int BATCH_LENGTH = 24;

    static final int CURRENT_VERSION = 1;

    private ProducerSnapshotLayout() {}

    static byte[] encode(ProducerStates states, long offset) {
        byte[] bytes = new byte[length(states)];
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putInt(VERSION, CURRENT_VERSION, LITTLE_ENDIAN);
        buffer.putInt(PRODUCER_COUNT, states.size(), LITTLE_ENDIAN);
        buffer.putLong(OFFSET, offset, LITTLE_ENDIAN);
        int[] index = {HEADER_LENGTH};
        states.forEach(producer -> index[0] = put(buffer, index[0], producer));
        return bytes;
    }

    private static int length(ProducerStates states) {
        int[] length = {HEADER_LENGTH};
        states.forEach(producer -> length[0] += PRODUCER_LENGTH + producer.batchCount() * BATCH_LENGTH);
        return length[0];
    }

    private static int put(UnsafeBuffer buffer, int index, ProducerState producer) {
        buffer.putLong(index + PRODUCER_ID, producer.id(), LITTLE_ENDIAN);
        buffer.putLong(index + SEEN_MS, producer.seenMs(), LITTLE_ENDIAN);
        buffer.putShort(index + EPOCH, producer.epoch(), LITTLE_ENDIAN);
        buffer.putShort(index + BATCH_COUNT, (short) producer.batchCount(), LITTLE_ENDIAN);
        int at = index + PRODUCER_LENGTH;
        for (int i = 0; i < producer.batchCount(); i++) {
            buffer.putLong(at + BASE_OFFSET, producer.baseOffset(i), LITTLE_ENDIAN);
            buffer.putLong(at + TIMESTAMP, producer.timestamp(i), LITTLE_ENDIAN);
            buffer.putInt(at + BASE_SEQUENCE, producer.baseSequence(i), LITTLE_ENDIAN);
            buffer.putInt(at + RECORD_COUNT, producer.recordCount(i), LITTLE_ENDIAN);
            at += BATCH_LENGTH;
        }
        return at;
    }

    /**
     * Up to where the snapshot counts.
     *
     * @throws CorruptRecordException when the bytes do not begin as a snapshot of this version does
     */
    static long offset(byte[] bytes) {
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        if (bytes.length < HEADER_LENGTH || buffer.getInt(VERSION, LITTLE_ENDIAN) != CURRENT_VERSION) {
            throw new CorruptRecordException("not a snapshot of producers of version " + CURRENT_VERSION + ": bytes="
                    + bytes.length
                    + (bytes.length < HEADER_LENGTH ? "" : ", version=" + buffer.getInt(VERSION, LITTLE_ENDIAN)));
        }
        return buffer.getLong(OFFSET, LITTLE_ENDIAN);
    }

    /**
     * Puts what a snapshot knows into states that know nothing.
     *
     * @throws CorruptRecordException when it cannot be one, however its bytes came about; then the states know something
     */
    static void decode(byte[] bytes, ProducerStates states) {
        long offset = offset(bytes);
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        int producerCount = buffer.getInt(PRODUCER_COUNT, LITTLE_ENDIAN);
        int at = HEADER_LENGTH;
        for (int i = 0; i < producerCount; i++) {
            require(at <= bytes.length - PRODUCER_LENGTH, bytes, at);
            int batchCount = buffer.getShort(at + BATCH_COUNT, LITTLE_ENDIAN);
            require(batchCount >= 1 && batchCount <= ProducerStates.BATCHES_PER_PRODUCER, bytes, at);
            int end = at + PRODUCER_LENGTH + batchCount * BATCH_LENGTH;
            require(end <= bytes.length, bytes, at);
            ProducerState producer = states.touch(
                    buffer.getLong(at + PRODUCER_ID, LITTLE_ENDIAN),
                    buffer.getShort(at + EPOCH, LITTLE_ENDIAN),
                    buffer.getLong(at + SEEN_MS, LITTLE_ENDIAN));
            for (at += PRODUCER_LENGTH; at < end; at += BATCH_LENGTH) {
                onBatch(producer, buffer, at, offset, bytes);
            }
        }
        require(producerCount >= 0 && at == bytes.length, bytes, at);
    }

    private static void onBatch(ProducerState producer, DirectBuffer buffer, int at, long offset, byte[] bytes) {
        int baseSequence = buffer.getInt(at + BASE_SEQUENCE, LITTLE_ENDIAN);
        int recordCount = buffer.getInt(at + RECORD_COUNT, LITTLE_ENDIAN);
        long baseOffset = buffer.getLong(at + BASE_OFFSET, LITTLE_ENDIAN);
        require(
                baseSequence >= 0 && recordCount >= 1 && baseOffset >= 0 && recordCount <= offset - baseOffset,
                bytes,
                at);
        producer.onBatch(baseSequence, recordCount, baseOffset, buffer.getLong(at + TIMESTAMP, LITTLE_ENDIAN));
    }

    private static void require(boolean holds, byte[] bytes, int at) {
        if (!holds) {
            throw new CorruptRecordException(
                    "a snapshot of producers contradicts itself: bytes=" + bytes.length + ", index=" + at);
        }
    }
}
