package io.tidemill.idempotence;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.StateFile;
import org.agrona.DirectBuffer;

/**
 * The {@link ProducerStates} of one log, kept over restarts and truncations: what is known follows from the log, and is read
 * from it again, from the last snapshot on. Snapshots save time and nothing else.
 *
 * <p>A snapshot is due after so many bytes, whatever they are, so a log is never read again for longer than that takes. It
 * is due, too, when the log was deleted up to behind the last one, which is of no use then.
 *
 * <p>Owned by the lane thread. After an exception of {@link #truncate} nothing is to be appended until another call of it came
 * back.
 */
public final class ProducerHistory {
    /** Read again in 10 ms if batches are of 100 records, in 50 to 100 if of one; a snapshot costs a sync, 2 ms and more. */
    public static final long SNAPSHOT_BYTES = 64L * 1024 * 1024;

    private final PartitionLog log;
    private final ProducerSnapshots snapshots;
    private final ProducerStates states;
    private final long snapshotBytes;

    /** What was appended since the last snapshot was written or tried to be, or will have to be read again. */
    private long bytesSince;
    /** Up to where it counted. */
    private long triedOffset;
    /** Up to where the log is counted. */
    private long knownOffset;
    /** Whether the states are those of the log. */
    private boolean isCurrent;

    private ProducerHistory(
            PartitionLog log, StateFile first, StateFile second, ProducerStates states, long snapshotBytes) {
        this.log = log;
        this.snapshots = new ProducerSnapshots(first, second);
        this.states = states;
        this.snapshotBytes = snapshotBytes;
    }

    /**
     * Reads what there is to know; without a snapshot, the whole log. Before anything is appended to it.
     *
     * @param first for snapshots of this log only; what is in it may be of a log that is gone
     * @param second another one
     * @throws io.tidemill.errors.TidemillException when it cannot be known
     */
    public static ProducerHistory open(PartitionLog log, StateFile first, StateFile second, long nowMs) {
        return open(log, first, second, new ProducerStates(), SNAPSHOT_BYTES, nowMs);
    }

    static ProducerHistory open(
            PartitionLog log,
            StateFile first,
            StateFile second,
            ProducerStates states,
            long snapshotBytes,
            long nowMs) {
        ProducerHistory history = new ProducerHistory(log, first, second, states, snapshotBytes);
        history.restore(nowMs);
        return history;
    }

    /** Again when files were deleted from the start meanwhile: what they held must be missing as a whole. */
    private void restore(long nowMs) {
        isCurrent = false;
        long startOffset;
        do {
            startOffset = log.startOffset();
            isCurrent = restoreFrom(startOffset, nowMs);
        } while (!isCurrent && log.startOffset() > startOffset);
        if (!isCurrent) {
            throw new CorruptRecordException("a log has a gap: startOffset=" + startOffset + ", gapOffset="
                    + knownOffset + ", endOffset=" + log.endOffset());
        }
    }

    /** False when there is less to read than there was. */
    private boolean restoreFrom(long startOffset, long nowMs) {
        long endOffset = log.endOffset();
        states.clear();
        bytesSince = 0;
        triedOffset = Math.max(snapshots.restore(states, startOffset, endOffset), startOffset);
        knownOffset = triedOffset;
        try (LogCursor cursor = log.newCursor()) {
            cursor.seek(knownOffset);
            while (cursor.next(endOffset)
                    && BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()) <= knownOffset) {
                count(cursor.buffer(), cursor.batchIndex(), nowMs);
            }
        } catch (OffsetOutOfRangeException e) {
            return false;
        }
        return knownOffset == endOffset;
    }

    /** What is known now. */
    public ProducerStates states() {
        return states;
    }

    /** The batch that continues the log is in it now: each one, also if nobody numbered it. */
    public void onAppended(DirectBuffer buffer, int batch, long nowMs) {
        if (BatchLayout.baseOffset(buffer, batch) != knownOffset) {
            throw new IllegalStateException("not the batch that comes next: baseOffset="
                    + BatchLayout.baseOffset(buffer, batch) + ", knownOffset=" + knownOffset);
        }
        count(buffer, batch, nowMs);
    }

    private void count(DirectBuffer buffer, int batch, long nowMs) {
        bytesSince += BatchLayout.frameLength(buffer, batch);
        states.onAppended(buffer, batch, nowMs);
        knownOffset = BatchLayout.endOffset(buffer, batch);
    }

    /** Whether to write a snapshot when there is time for it. */
    public boolean isSnapshotDue() {
        return bytesSince >= snapshotBytes || triedOffset < log.startOffset();
    }

    /**
     * Writes what is known; nothing happens if the last snapshot says the same, so before the log is closed this always
     * makes sense.
     *
     * @throws io.tidemill.errors.StorageException when it could not be written; the former ones are still there, and the next
     *     is not due before its time
     */
    public void takeSnapshot() {
        bytesSince = 0;
        triedOffset = knownOffset;
        if (snapshots.newestOffset() != knownOffset) {
            snapshots.write(states, knownOffset);
        }
    }

    /**
     * Truncates the log, and from then on knows what was known when it ended there.
     *
     * @param endOffset as {@link PartitionLog#truncate} wants it
     * @throws io.tidemill.errors.TidemillException as it throws, or when the log cannot be read
     */
    public void truncate(long endOffset, long nowMs) {
        if (endOffset < log.endOffset() || !isCurrent) {
            log.truncate(endOffset);
            restore(nowMs);
        }
    }

    /**
     * Lets the log begin elsewhere, and from then on knows nobody: what a snapshot says may be of other records than the log gets
     * now.
     *
     * @param startOffset as {@link PartitionLog#beginAt} wants it
     * @throws io.tidemill.errors.TidemillException as it throws, or when a snapshot could not be erased
     */
    public void beginAt(long startOffset, long nowMs) {
        snapshots.erase();
        log.beginAt(startOffset);
        restore(nowMs);
    }
}
