package io.tidemill.consumer;

import io.tidemill.IsolationLevel;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.codec.UncompressedBatch;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Partition;
import io.tidemill.raw.RawConsumer.RecordHandler;
import io.tidemill.spi.LogCursor;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks over the records of one partition: which batch the log's cursor is on, and how far into it. The position is the
 * offset of the next record to hand out, or one that compaction left empty in front of it; one outside the partition is reset.
 * Used by one thread at a time.
 */
final class PartitionReader {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionReader.class);

    /** In place of a position, while there is none. */
    static final long NULL_OFFSET = -1;

    private final Partition partition;
    private final IsolationLevel isolation;
    private final OffsetReset reset;
    private final LogCursor cursor;
    private final UncompressedBatch batch;
    private final RecordFlyweight view = new RecordFlyweight();
    private long position;
    /** Between which indices of the view's batch the records lie that are still to be looked at. */
    private int next;

    private int end;
    /** Where the position goes when the batch is done: it may have no record right in front of that. */
    private long batchEndOffset;

    /** At the start of the partition. */
    PartitionReader(Partition partition, IsolationLevel isolation, OffsetReset reset) {
        this.partition = partition;
        this.isolation = isolation;
        this.reset = reset;
        this.cursor = partition.newCursor();
        this.batch = new UncompressedBatch("partition=" + partition);
        this.position = partition.startOffset();
    }

    Partition partition() {
        return partition;
    }

    long position() {
        return position;
    }

    /** Whether there is one; otherwise it is {@link #NULL_OFFSET}. */
    boolean hasPosition() {
        return position != NULL_OFFSET;
    }

    /** Exclusive; as far as it can read now. */
    long readableEnd() {
        return partition.readableEnd(isolation);
    }

    boolean isInRange() {
        return position >= partition.startOffset() && (position <= readableEnd() || partition.isEndUncertain());
    }

    void seek(long offset) {
        position = offset;
        leaveBatch();
        cursor.seek(offset);
    }

    void seekToBeginning() {
        seek(partition.startOffset());
    }

    void seekToEnd() {
        seek(readableEnd());
    }

    /** From now on there is none, until it is sought. */
    void forgetPosition() {
        position = NULL_OFFSET;
        leaveBatch();
    }

    /** To the first of the records that have the newest time, or to the end. */
    void seekToMaxTime() {
        long readableEnd = readableEnd();
        if (cursor.nextOfMaxTime(readableEnd)) {
            seekToTime(BatchLayout.maxTimestamp(cursor.buffer(), cursor.batchIndex()));
        } else {
            seek(readableEnd);
        }
    }

    /** To the first record of that time or a later one; or to the end, and answers that there is none. */
    boolean seekToTime(long timestampMs) {
        long readableEnd = readableEnd();
        boolean isOnBatch = cursor.nextOfTime(timestampMs, readableEnd);
        while (isOnBatch) {
            enterBatch();
            if (moveToTime(timestampMs)) {
                seek(view.offset());
                return true;
            }
            isOnBatch = cursor.awaitNext(readableEnd);
        }
        seek(readableEnd);
        return false;
    }

    private boolean moveToTime(long timestampMs) {
        while (next != end) {
            int behind = view.moveTo(next);
            if (behind == RecordFlyweight.DAMAGED) {
                throw damaged();
            }
            if (view.timestamp() >= timestampMs) {
                return true;
            }
            next = behind;
        }
        return false;
    }

    /** Whether {@link #poll} has something: a record, or an exception. Steps over what compaction left empty. */
    boolean hasMore() {
        if (partition.isRemoved()) {
            return true;
        }
        long readableEnd = readableEnd();
        try {
            while (position < readableEnd) {
                if (next == end && !enterBatch(readableEnd)) {
                    // Otherwise, since it was there, it was deleted, or the log is closed: poll finds out.
                    return !cursor.isOnItsWay();
                }
                if (hasRecord()) {
                    return true;
                }
            }
        } catch (TidemillException e) {
            // Poll meets it again.
            return true;
        }
        return position > readableEnd && !partition.isEndUncertain();
    }

    /** Whether the batch has one at the position or behind it; otherwise the batch is done. */
    private boolean hasRecord() {
        while (next != end) {
            int behind = view.moveTo(next);
            if (behind == RecordFlyweight.DAMAGED || view.offset() >= position) {
                return true;
            }
            next = behind;
        }
        onBatchDone();
        return false;
    }

    int poll(RecordHandler handler, int recordsMax) {
        partition.requireThere();
        int count;
        do {
            if (!isInRange()) {
                resetPosition();
            }
            count = pollBatches(handler, recordsMax, readableEnd());
            // Retention may take what lay at the position between two looks at it. Each time it has to come by once
            // more.
        } while (count == 0 && position < partition.startOffset());
        return count;
    }

    private void resetPosition() {
        long outside = position;
        if (!reset.tryReset(this)) {
            throw outOfRange();
        }
        LOG.info("offset out of range: partition={}, position={}, newPosition={}", partition, outside, position);
    }

    private OffsetOutOfRangeException outOfRange() {
        String what =
                hasPosition() ? "no such offset: position=" + position + ", startOffset=" : "no position: startOffset=";
        return new OffsetOutOfRangeException(what + partition.startOffset() + ", endOffset=" + readableEnd()
                + ", partition=" + partition + "; seek to one of these");
    }

    private int pollBatches(RecordHandler handler, int recordsMax, long readableEnd) {
        int count = 0;
        while (count < recordsMax && position < readableEnd) {
            if (next == end && !enterBatch(readableEnd)) {
                break;
            }
            count += pollBatch(handler, recordsMax - count);
        }
        return count;
    }

    /** False when there is no batch at the position: not yet, or not yet here, or not any more, and then the start has moved. */
    private boolean enterBatch(long readableEnd) {
        try {
            if (!cursor.next(readableEnd)) {
                return false;
            }
        } catch (OffsetOutOfRangeException e) {
            if (position < partition.startOffset()) {
                return false;
            }
            throw e;
        }
        if (BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()) > position) {
            // Batches have no gaps between them: the cursor went to the next one that is left.
            cursor.seek(position);
            return false;
        }
        enterBatch();
        return true;
    }

    private void enterBatch() {
        try {
            requireKnown(cursor.buffer(), cursor.batchIndex());
            batch.enter(cursor.buffer(), cursor.batchIndex());
        } catch (TidemillException e) {
            // The cursor has stepped over it; who asks again must not.
            cursor.seek(position);
            throw e;
        }
        view.enter(batch.buffer(), batch.index());
        next = BatchLayout.HEADER_LENGTH;
        end = BatchLayout.frameLength(batch.buffer(), batch.index());
        batchEndOffset = BatchLayout.endOffset(batch.buffer(), batch.index());
    }

    private void requireKnown(DirectBuffer buffer, int index) {
        if (BatchLayout.encoding(buffer, index) != BatchLayout.ENCODING_FIXED
                || BatchLayout.type(buffer, index) != BatchLayout.TYPE_DATA) {
            throw new CorruptRecordException("batch of an unknown kind: type=" + BatchLayout.type(buffer, index)
                    + ", encoding=" + BatchLayout.encoding(buffer, index) + ", baseOffset="
                    + BatchLayout.baseOffset(buffer, index) + ", partition=" + partition);
        }
    }

    private void onBatchDone() {
        position = Math.max(position, batchEndOffset);
    }

    private void leaveBatch() {
        next = 0;
        end = 0;
        batchEndOffset = position;
    }

    /**
     * Hands out what the batch still has. Moves before the handler is called, so that the handler may seek; and back if it
     * throws.
     */
    private int pollBatch(RecordHandler handler, int recordsMax) {
        int count = 0;
        int bytes = 0;
        long offset = position;
        try {
            while (count < recordsMax && next != end) {
                int behind = view.moveTo(next);
                if (behind == RecordFlyweight.DAMAGED) {
                    break;
                }
                int length = behind - next;
                next = behind;
                offset = view.offset();
                // Not those in front of a place that was sought.
                if (offset >= position) {
                    position = offset + 1;
                    handler.onRecord(view);
                    count++;
                    bytes += length;
                }
            }
        } catch (Throwable e) {
            // A seek, and not only the old number: the handler may have moved the cursor before it threw.
            seek(offset);
            throw e;
        } finally {
            partition.probe().onRead(count, bytes);
        }
        if (next == end) {
            onBatchDone();
        } else if (count < recordsMax) {
            throw damaged();
        }
        return count;
    }

    private CorruptRecordException damaged() {
        return new CorruptRecordException(
                "record reaches beyond itself: position=" + position + ", partition=" + partition);
    }

    /** A handler may call it: nothing more is handed out. */
    void close() {
        leaveBatch();
        batch.close();
        cursor.close();
    }
}
