package io.tidemill.consumer;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Partition;
import io.tidemill.raw.RawConsumer.RecordHandler;
import io.tidemill.spi.LogCursor;
import org.agrona.DirectBuffer;

/**
 * Walks over the records of one partition: which batch the log's cursor is on, and how far into it. The position is the
 * offset of the next record to hand out, or one that compaction left empty in front of it. Used by one thread at a time.
 */
final class PartitionReader {
    private final Partition partition;
    private final LogCursor cursor;
    private final RecordFlyweight view = new RecordFlyweight();
    private long position;
    /** Between which indices of the view's batch the records lie that are still to be looked at. */
    private int next;

    private int end;
    /** Where the position goes when the batch is done: it may have no record right in front of that. */
    private long batchEndOffset;

    PartitionReader(Partition partition) {
        this.partition = partition;
        this.cursor = partition.newCursor();
        this.position = partition.startOffset();
    }

    Partition partition() {
        return partition;
    }

    long position() {
        return position;
    }

    void seek(long offset) {
        position = offset;
        leaveBatch();
        cursor.seek(offset);
    }

    /** To the first of the records that have the newest time, or to the end. */
    void seekToMaxTime() {
        long committed = partition.committedAcquire();
        if (cursor.nextOfMaxTime(committed)) {
            seekToTime(BatchLayout.maxTimestamp(cursor.buffer(), cursor.batchIndex()));
        } else {
            seek(committed);
        }
    }

    /** To the first record of that time or a later one, or to the end. */
    void seekToTime(long timestampMs) {
        long committed = partition.committedAcquire();
        boolean isOnBatch = cursor.nextOfTime(timestampMs, committed);
        while (isOnBatch) {
            enterBatch();
            if (moveToTime(timestampMs)) {
                seek(view.offset());
                return;
            }
            isOnBatch = cursor.next(committed);
        }
        seek(committed);
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
        long committed = partition.committedAcquire();
        try {
            while (position < committed) {
                if (next == end && !enterBatch(committed)) {
                    // It was there, so it was deleted, or the log is closed: poll finds out.
                    return true;
                }
                if (hasRecord()) {
                    return true;
                }
            }
        } catch (TidemillException e) {
            // Poll meets it again.
            return true;
        }
        return position > committed;
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
        long committed = partition.committedAcquire();
        if (position < partition.startOffset() || position > committed) {
            throw new OffsetOutOfRangeException("no such offset: position=" + position + ", startOffset="
                    + partition.startOffset() + ", endOffset=" + committed + ", partition=" + partition);
        }
        int count = 0;
        while (count < recordsMax && position < committed) {
            if (next == end && !enterBatch(committed)) {
                break;
            }
            count += pollBatch(handler, recordsMax - count);
        }
        return count;
    }

    private boolean enterBatch(long committed) {
        if (!cursor.next(committed)) {
            return false;
        }
        enterBatch();
        return true;
    }

    private void enterBatch() {
        DirectBuffer buffer = cursor.buffer();
        int batch = cursor.batchIndex();
        if (BatchLayout.encoding(buffer, batch) != BatchLayout.ENCODING_FIXED
                || BatchLayout.type(buffer, batch) != BatchLayout.TYPE_DATA) {
            CorruptRecordException unknown =
                    new CorruptRecordException("batch of an unknown kind: type=" + BatchLayout.type(buffer, batch)
                            + ", encoding=" + BatchLayout.encoding(buffer, batch) + ", baseOffset="
                            + BatchLayout.baseOffset(buffer, batch) + ", partition=" + partition);
            // The cursor has stepped over it; who asks again must not.
            cursor.seek(position);
            throw unknown;
        }
        view.enter(buffer, batch);
        next = BatchLayout.HEADER_LENGTH;
        end = BatchLayout.frameLength(buffer, batch);
        batchEndOffset = BatchLayout.endOffset(buffer, batch);
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
        cursor.close();
    }
}
