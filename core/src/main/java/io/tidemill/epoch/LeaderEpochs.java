package io.tidemill.epoch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.CorruptRecordException;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The leader epochs of one log, in order, each with the offset at which it begins there. From that two replicas find out how
 * far they have the same records: what was written under one epoch at one offset is the same everywhere. It means what
 * Kafka's {@code LeaderEpochFileCache} means.
 *
 * <p>Every batch says under which epoch it was written, and compaction keeps that for each offset, so the headers of a log
 * give the same table again ({@link #onBatch}), but for epochs under which nothing was written; those change no answer. As
 * bytes:
 *
 * <pre>
 *   0               4               8
 *   +---------------+---------------+
 *   |    version    |     count     |
 *   +---------------+---------------+
 *   8 for each epoch, the oldest first:
 *   +-------------------------------+
 *   |          startOffset          |
 *   +---------------+---------------+
 *   |     epoch     |     zero      |
 *   +---------------+---------------+
 * </pre>
 *
 * <p>Owned by the lane thread.
 */
public final class LeaderEpochs {
    private static final int VERSION = 0;
    private static final int COUNT = 4;
    private static final int HEADER_LENGTH = 8;
    private static final int START_OFFSET = 0;
    private static final int EPOCH = 8;
    private static final int ENTRY_LENGTH = 16;
    private static final int CURRENT_VERSION = 1;

    private static final int INITIAL_CAPACITY = 4;

    /** Both rise strictly. */
    private int[] epochs = new int[INITIAL_CAPACITY];

    private long[] startOffsets = new long[INITIAL_CAPACITY];
    private int count;

    /** A batch is in the log, behind those that were told before. Nothing is allocated unless its epoch is new. */
    public void onBatch(DirectBuffer buffer, int batch) {
        int epoch = BatchLayout.leaderEpoch(buffer, batch);
        if (epoch != BatchLayout.NO_LEADER_EPOCH) {
            onEpoch(epoch, BatchLayout.baseOffset(buffer, batch));
        }
    }

    /**
     * From that offset on the log is written under that epoch; an epoch that begins there already has nothing in it, and goes.
     *
     * @param epoch not older than the last one; nothing happens when it is the last one
     * @param startOffset not below that of the last one
     */
    public void onEpoch(int epoch, long startOffset) {
        if (count > 0 && epoch == epochs[count - 1]) {
            return;
        }
        if (epoch < 0
                || startOffset < 0
                || (count > 0 && (epoch < epochs[count - 1] || startOffset < startOffsets[count - 1]))) {
            throw new IllegalArgumentException("leader epochs and their offsets rise: epoch=" + epoch
                    + ", startOffset=" + startOffset + ", lastEpoch=" + lastEpoch() + ", lastStartOffset="
                    + (count == 0 ? EpochEnd.UNKNOWN_OFFSET : startOffsets[count - 1]));
        }
        truncateFromEnd(startOffset);
        if (count == epochs.length) {
            epochs = Arrays.copyOf(epochs, 2 * count);
            startOffsets = Arrays.copyOf(startOffsets, 2 * count);
        }
        epochs[count] = epoch;
        startOffsets[count] = startOffset;
        count++;
    }

    /** The newest one, or {@link BatchLayout#NO_LEADER_EPOCH}. */
    public int lastEpoch() {
        return count == 0 ? BatchLayout.NO_LEADER_EPOCH : epochs[count - 1];
    }

    /**
     * Up to where the log agrees with another one, whose last records were written under that epoch: no farther than there.
     *
     * @param epoch of the other log
     * @param logEndOffset of this one
     * @return the newest epoch up to that one, and where it ends; where this log begins later, that epoch and where this log
     *     begins; {@link EpochEnd#UNKNOWN} for an epoch that this log did not come to, or for none
     */
    public EpochEnd endOffsetFor(int epoch, long logEndOffset) {
        if (epoch < 0 || epoch > lastEpoch()) {
            return EpochEnd.UNKNOWN;
        }
        int behind = firstBehind(epoch);
        long endOffset = behind == count ? logEndOffset : startOffsets[behind];
        return new EpochEnd(behind == 0 ? epoch : epochs[behind - 1], endOffset);
    }

    /** The epoch under which the record of that offset was written, or {@link BatchLayout#NO_LEADER_EPOCH}. */
    public int epochOf(long offset) {
        int last = count - 1;
        while (last >= 0 && startOffsets[last] > offset) {
            last--;
        }
        return last < 0 ? BatchLayout.NO_LEADER_EPOCH : epochs[last];
    }

    private int firstBehind(int epoch) {
        int index = Arrays.binarySearch(epochs, 0, count, epoch);
        return index >= 0 ? index + 1 : -(index + 1);
    }

    /** The log was truncated, and ends there. */
    public void truncateFromEnd(long endOffset) {
        while (count > 0 && startOffsets[count - 1] >= endOffset) {
            count--;
        }
    }

    /** The log was deleted up to there: the epoch of what is left first begins there now. */
    public void truncateFromStart(long startOffset) {
        int gone = 0;
        while (gone < count && startOffsets[gone] <= startOffset) {
            gone++;
        }
        if (gone > 0) {
            int first = gone - 1;
            count -= first;
            System.arraycopy(epochs, first, epochs, 0, count);
            System.arraycopy(startOffsets, first, startOffsets, 0, count);
            startOffsets[0] = startOffset;
        }
    }

    /** As drawn above. Whoever stores the bytes sees to a checksum. */
    public byte[] encode() {
        byte[] bytes = new byte[HEADER_LENGTH + count * ENTRY_LENGTH];
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putInt(VERSION, CURRENT_VERSION, LITTLE_ENDIAN);
        buffer.putInt(COUNT, count, LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            int entry = HEADER_LENGTH + i * ENTRY_LENGTH;
            buffer.putLong(entry + START_OFFSET, startOffsets[i], LITTLE_ENDIAN);
            buffer.putInt(entry + EPOCH, epochs[i], LITTLE_ENDIAN);
        }
        return bytes;
    }

    /**
     * The same table again.
     *
     * @throws CorruptRecordException when the bytes are not what {@link #encode} makes; the headers of the log tell, then
     */
    public static LeaderEpochs decode(byte[] bytes) {
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        LeaderEpochs decoded = new LeaderEpochs();
        if (bytes.length < HEADER_LENGTH
                || buffer.getInt(VERSION, LITTLE_ENDIAN) != CURRENT_VERSION
                || buffer.getInt(COUNT, LITTLE_ENDIAN) != (bytes.length - HEADER_LENGTH) / ENTRY_LENGTH
                || (bytes.length - HEADER_LENGTH) % ENTRY_LENGTH != 0) {
            throw new CorruptRecordException(
                    "not a table of leader epochs of version " + CURRENT_VERSION + ": bytes=" + bytes.length);
        }
        for (int entry = HEADER_LENGTH; entry < bytes.length; entry += ENTRY_LENGTH) {
            int epoch = buffer.getInt(entry + EPOCH, LITTLE_ENDIAN);
            long startOffset = buffer.getLong(entry + START_OFFSET, LITTLE_ENDIAN);
            int before = decoded.count;
            if (epoch <= decoded.lastEpoch()
                    || startOffset <= (before == 0 ? EpochEnd.UNKNOWN_OFFSET : decoded.startOffsets[before - 1])) {
                throw new CorruptRecordException("leader epochs do not rise: epoch=" + epoch + ", startOffset="
                        + startOffset + ", lastEpoch=" + decoded.lastEpoch());
            }
            decoded.onEpoch(epoch, startOffset);
        }
        return decoded;
    }
}
