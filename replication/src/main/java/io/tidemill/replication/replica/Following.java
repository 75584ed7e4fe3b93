package io.tidemill.replication.replica;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Crc32c;
import io.tidemill.epoch.EpochEnd;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Partition;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A follower of a partition's leader, for one leader epoch: tells where its log ends, forgets what the leader does not have, and
 * then appends what the leader sends.
 *
 * <p>Owned by the lane thread.
 */
final class Following {
    private static final long NOT_ASKED = -1;
    /** So many times as patient a follower becomes with a leader who does not answer. */
    private static final int PATIENCE_MAX = 64;

    private final ReplicaPlace place;
    private final Partition partition;
    private final ReplicaLog log;
    private final int leaderId;
    private final int epoch;
    private final Crc32c crc = new Crc32c();
    private final UnsafeBuffer batch = new UnsafeBuffer(0, 0);
    /** Which asking is answered by what comes; {@link #NOT_ASKED} while nothing is expected. */
    private long attempt = NOT_ASKED;

    private boolean isFed;
    private long askedNs;
    /**
     * Doubles with each asking that is not answered, because the answer to the last one may wait behind all that was sent for those
     * before, on a slow way.
     */
    private int patience = 1;

    private boolean isAckDue;

    Following(ReplicaPlace place, ReplicaLog log, int leaderId, int epoch, long nowNs) {
        this.place = place;
        this.partition = place.partition();
        this.log = log;
        this.leaderId = leaderId;
        this.epoch = epoch;
        this.askedNs = nowNs - place.settings().askAgainNs();
    }

    int epoch() {
        return epoch;
    }

    int leaderId() {
        return leaderId;
    }

    /** The log goes no farther with the leader's than to the end of that epoch there. */
    void onDiverged(long ofAttempt, int leadersEpoch, long leadersEnd, long nowMs, long nowNs) {
        if (ofAttempt != attempt) {
            return;
        }
        EpochEnd ours = log.endOffsetFor(leadersEpoch);
        long end = leadersEnd;
        if (ours.endOffset() != EpochEnd.UNKNOWN_OFFSET) {
            end = ours.epoch() == leadersEpoch ? Math.min(leadersEnd, ours.endOffset()) : ours.endOffset();
        }
        try {
            if (end < log.startOffset()) {
                log.beginAt(end, nowMs);
            } else {
                log.truncate(end, nowMs);
            }
            ask(nowNs);
        } catch (TidemillException e) {
            onTrouble(e);
        }
    }

    /** Nothing of the log is the leader's, or the leader has deleted what comes next. */
    void onBegin(long ofAttempt, long startOffset, long nowMs, long nowNs) {
        if (ofAttempt != attempt) {
            return;
        }
        forget();
        try {
            log.beginAt(startOffset, nowMs);
            ask(nowNs);
        } catch (TidemillException e) {
            onTrouble(e);
        }
    }

    /**
     * Batches that the leader has, and up to where everything is committed.
     *
     * @param committedMax exclusive; so far records may have been read anywhere
     */
    void onBatches(
            long ofAttempt,
            long highWatermark,
            long committedMax,
            DirectBuffer buffer,
            int index,
            int length,
            long nowMs,
            long nowNs) {
        if (ofAttempt != attempt) {
            return;
        }
        isFed = true;
        patience = 1;
        try {
            int end = index + length;
            for (int at = index; at < end; at += BatchLayout.frameLength(buffer, at)) {
                append(buffer, at, end - at, nowMs, nowNs);
            }
            log.settle();
        } catch (TidemillException e) {
            onTrouble(e);
            return;
        }
        isAckDue |= length > 0;
        log.onCommitted(Math.min(highWatermark, log.endOffset()));
        if (!partition.isCaughtUp() && partition.committedAcquire() >= committedMax) {
            partition.onCaughtUp();
        }
    }

    private void append(DirectBuffer buffer, int index, int available, long nowMs, long nowNs) {
        if (!BatchLayout.isPlausible(buffer, index, available)) {
            throw new CorruptRecordException("a leader sent no batch: partition=" + partition + ", leader=" + leaderId);
        }
        batch.wrap(buffer, index, BatchLayout.frameLength(buffer, index));
        if (!crc.matches(batch, 0)) {
            throw new CorruptRecordException("a leader's batch is damaged: partition=" + partition + ", leader="
                    + leaderId + ", baseOffset=" + BatchLayout.baseOffset(batch, 0));
        }
        if (BatchLayout.baseOffset(batch, 0) < log.endOffset()) {
            // Compaction has counted to it what the leader had in front of it.
            log.truncate(BatchLayout.baseOffset(batch, 0), nowMs);
        }
        if (BatchLayout.baseOffset(batch, 0) != log.endOffset()) {
            throw new CorruptRecordException("a leader's batch does not continue the log: partition=" + partition
                    + ", leader=" + leaderId + ", baseOffset=" + BatchLayout.baseOffset(batch, 0) + ", endOffset="
                    + log.endOffset());
        }
        log.append(batch, nowMs, nowNs);
        place.gauges().onFollowed(BatchLayout.recordCount(batch, 0), BatchLayout.frameLength(batch, 0));
    }

    /** The leader has to be told anew where the log ends, a while later. */
    private void onTrouble(TidemillException e) {
        partition.onAppendFailed(e);
        forget();
    }

    void onDisconnected(int brokerId) {
        if (brokerId == leaderId) {
            forget();
            patience = 1;
            askedNs -= place.settings().askAgainNs();
        }
    }

    private void forget() {
        attempt = NOT_ASKED;
        isFed = false;
        isAckDue = false;
    }

    /** Says what has to be said. Answers whether there was something. */
    int doWork(long nowNs) {
        int work = 0;
        if (!isFed && nowNs - askedNs >= patience * place.settings().askAgainNs() && ask(nowNs) > 0) {
            patience = Math.min(2 * patience, PATIENCE_MAX);
            work++;
        }
        if (isAckDue && place.sender().ack(leaderId, epoch, log.settledEndOffset())) {
            isAckDue = false;
            work++;
        }
        return work;
    }

    private int ask(long nowNs) {
        long next = place.sender().newAttempt();
        if (!place.sender()
                .follow(
                        leaderId,
                        epoch,
                        next,
                        log.lastEpoch(),
                        log.endOffset(),
                        place.selfEpoch().getAsLong())) {
            return 0;
        }
        attempt = next;
        askedNs = nowNs;
        return 1;
    }
}
