package io.tidemill.producer;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.RecordLayout;
import io.tidemill.errors.InvalidRecordException;
import io.tidemill.errors.RecordTooLargeException;
import io.tidemill.lane.Partition;
import io.tidemill.raw.RawProducer;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import java.time.Duration;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** The raw tier's way into the ring of one partition: the record is encoded where the lane will read it. */
public final class RingProducer implements RawProducer {
    private static final int NO_CLAIM = -1;
    private static final int RUN_BYTES_MIN = (int) RecordLayout.length(NULL_LENGTH, NULL_LENGTH, 0);

    private final Partition partition;
    private final CallerWait callerWait;
    private final Wakeup wakeup;
    private final Tally tally = new Tally();
    /** Where the open record is; its room is the ring's, or the open run's. */
    private int claim = NO_CLAIM;

    private int valueIndex;
    private int run = NO_CLAIM;
    /** Where in the open run the next record goes, and where the run ends. */
    private int runNext;

    private int runEnd;
    private long committed;

    public RingProducer(Partition partition, CallerWait callerWait) {
        this.partition = partition;
        this.callerWait = callerWait;
        this.wakeup = callerWait.newWakeup();
    }

    private int recordBytesMax() {
        return Math.min(partition.messageBytesMax() - BatchLayout.HEADER_LENGTH, partition.claimBytesMax());
    }

    @Override
    public int claimRun(int runBytes) {
        requireNoClaim();
        if (run != NO_CLAIM) {
            throw new IllegalStateException("a run is open: commit it first: partition=" + partition);
        }
        partition.requireThere();
        if (runBytes < RUN_BYTES_MIN || runBytes > recordBytesMax()) {
            throw new IllegalArgumentException("runBytes must be from " + RUN_BYTES_MIN + " to "
                    + recordBytesMax() + " (the smaller of max.message.bytes and an eighth of the ring): runBytes="
                    + runBytes);
        }
        int aligned = runBytes & -BatchLayout.ALIGNMENT;
        int claimed = partition.claim(aligned, tally);
        if (claimed < 0) {
            return claimed;
        }
        run = claimed;
        runNext = claimed;
        runEnd = claimed + aligned;
        return OK;
    }

    @Override
    public long commitRun() {
        requireNoClaim();
        if (run == NO_CLAIM) {
            throw new IllegalStateException("no run is open: partition=" + partition);
        }
        int taken = run;
        run = NO_CLAIM;
        // What is left of it stays zero, and a record of length 0 is the end of a run.
        if (runNext == taken) {
            partition.abort(taken);
        } else {
            partition.commit(taken);
        }
        return committed - 1;
    }

    private void requireNoClaim() {
        if (claim != NO_CLAIM) {
            throw new IllegalStateException("a claim is open: commit or abort it first: partition=" + partition);
        }
    }

    @Override
    public int claim(int keyLength, int valueLength) {
        requireNoClaim();
        if (keyLength < NULL_LENGTH || valueLength < NULL_LENGTH) {
            throw new IllegalArgumentException(
                    "lengths must be at least -1: keyLength=" + keyLength + ", valueLength=" + valueLength);
        }
        partition.requireThere();
        if (keyLength == NULL_LENGTH && partition.needsKeys()) {
            throw new InvalidRecordException("record has no key, and the topic is compacted: partition=" + partition);
        }
        long length = RecordLayout.length(keyLength, valueLength, 0);
        if (length > recordBytesMax()) {
            throw new RecordTooLargeException("record cannot be claimed: recordBytes=" + length + ", recordBytesMax="
                    + recordBytesMax() + " (the smaller of max.message.bytes and an eighth of the ring), partition="
                    + partition);
        }
        int claimed = run == NO_CLAIM ? partition.claim((int) length, tally) : claimInRun((int) length);
        if (claimed < 0) {
            return claimed;
        }
        RecordLayout.putHeader(partition.claimBuffer(), claimed, RecordLayout.NO_TIMESTAMP, keyLength, valueLength, 0);
        claim = claimed;
        valueIndex = RecordLayout.keyIndex(claimed) + Math.max(keyLength, 0);
        return OK;
    }

    private int claimInRun(int length) {
        return length <= runEnd - runNext ? runNext : RUN_FULL;
    }

    @Override
    public MutableDirectBuffer buffer() {
        return partition.claimBuffer();
    }

    @Override
    public int keyIndex() {
        return RecordLayout.keyIndex(claim);
    }

    @Override
    public int valueIndex() {
        return valueIndex;
    }

    @Override
    public long commit() {
        int taken = takeClaim();
        if (run == NO_CLAIM) {
            partition.commit(taken);
        } else {
            runNext += RecordLayout.length(buffer(), taken);
        }
        return committed++;
    }

    @Override
    public void abort() {
        int taken = takeClaim();
        if (run == NO_CLAIM) {
            partition.abort(taken);
        } else {
            buffer().setMemory(taken, RecordLayout.length(buffer(), taken), (byte) 0);
        }
    }

    private int takeClaim() {
        if (claim == NO_CLAIM) {
            throw new IllegalStateException("no claim is open: partition=" + partition);
        }
        int taken = claim;
        claim = NO_CLAIM;
        return taken;
    }

    @Override
    public long offer(DirectBuffer value, int index, int length) {
        int code = claim(NULL_LENGTH, length);
        if (code != OK) {
            return code;
        }
        buffer().putBytes(valueIndex, value, index, length);
        return commit();
    }

    @Override
    public long answered() {
        return tally.answeredAcquire();
    }

    @Override
    public long failed() {
        return tally.failedAcquire();
    }

    @Override
    public boolean await(long ticket, Duration timeout) {
        partition.addWaiting(wakeup);
        try {
            return callerWait.until(() -> answered() > ticket, timeout, wakeup);
        } finally {
            partition.removeWaiting(wakeup);
        }
    }

    @Override
    public void close() {
        if (claim != NO_CLAIM) {
            abort();
        }
        if (run != NO_CLAIM) {
            commitRun();
        }
    }
}
