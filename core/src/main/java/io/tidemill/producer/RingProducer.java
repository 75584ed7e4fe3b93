package io.tidemill.producer;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.RecordLayout;
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

    private final Partition partition;
    private final CallerWait callerWait;
    private final Wakeup wakeup;
    private final Tally tally = new Tally();
    private final int recordBytesMax;
    private int claim = NO_CLAIM;
    private int valueIndex;
    private long committed;

    public RingProducer(Partition partition, CallerWait callerWait) {
        this.partition = partition;
        this.callerWait = callerWait;
        this.wakeup = callerWait.newWakeup();
        this.recordBytesMax =
                Math.min(partition.messageBytesMax() - BatchLayout.HEADER_LENGTH, partition.claimBytesMax());
    }

    @Override
    public int claim(int keyLength, int valueLength) {
        if (claim != NO_CLAIM) {
            throw new IllegalStateException("a claim is open: commit or abort it first: partition=" + partition);
        }
        if (keyLength < NULL_LENGTH || valueLength < NULL_LENGTH) {
            throw new IllegalArgumentException(
                    "lengths must be at least -1: keyLength=" + keyLength + ", valueLength=" + valueLength);
        }
        long length = RecordLayout.length(keyLength, valueLength, 0);
        if (length > recordBytesMax) {
            throw new RecordTooLargeException("record cannot be claimed: recordBytes=" + length + ", recordBytesMax="
                    + recordBytesMax + " (the smaller of max.message.bytes and an eighth of the ring), partition="
                    + partition);
        }
        int claimed = partition.claim((int) length, tally);
        if (claimed < 0) {
            return claimed;
        }
        RecordLayout.putHeader(
                partition.claimBuffer(), claimed, (int) length, RecordLayout.NO_TIMESTAMP, keyLength, valueLength, 0);
        claim = claimed;
        valueIndex = RecordLayout.keyIndex(claimed) + Math.max(keyLength, 0);
        return OK;
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
        partition.commit(takeClaim());
        return committed++;
    }

    @Override
    public void abort() {
        partition.abort(takeClaim());
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
            return callerWait.until(() -> answered() > ticket, timeout.toNanos(), wakeup);
        } finally {
            partition.removeWaiting(wakeup);
        }
    }

    @Override
    public void close() {
        if (claim != NO_CLAIM) {
            abort();
        }
    }
}
