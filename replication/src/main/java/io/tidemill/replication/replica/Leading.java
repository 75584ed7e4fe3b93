package io.tidemill.replication.replica;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Crc32c;
import io.tidemill.epoch.EpochEnd;
import io.tidemill.errors.TidemillException;
import io.tidemill.idempotence.ProducerStates;
import io.tidemill.lane.Partition;
import io.tidemill.replication.controller.PartitionState;
import io.tidemill.ring.RunSink;
import io.tidemill.spi.LogCursor;
import java.util.Iterator;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The leader of a partition, for one leader epoch: appends, hands on to those who follow, and commits what all in sync have.
 *
 * <p>The high watermark is where the shortest log of {@link SyncedReplicas} ends. It stays where it is while too few are in sync,
 * since then one that has left may be elected: whoever is elected must have everything below it.
 *
 * <p>Owned by the lane thread.
 */
final class Leading {
    /** So much is read and sent to one follower that is behind before others have their turn. */
    private static final int CATCH_UP_BYTES = 256 * 1024;

    private final int selfId;
    private final Partition partition;
    private final ReplicaLog log;
    private final ReplicaSender sender;
    private final ReplicaSettings settings;
    private final Int2ObjectHashMap<FollowerProgress> followers = new Int2ObjectHashMap<>();
    private final SyncedReplicas synced;
    private final CommitWaits waits = new CommitWaits();
    private final Crc32c crc = new Crc32c();
    private final ReplicaGauges gauges;
    private final LagGauge lag;
    /** Where the log ended when it began to lead: all that is committed lies below, unless this leader has committed it. */
    private final long inheritedEnd;

    private PartitionState state;
    private long checkedNs;

    Leading(ReplicaPlace place, ReplicaLog log, PartitionState state, long nowNs) {
        this.selfId = place.selfId();
        this.partition = place.partition();
        this.log = log;
        this.sender = place.sender();
        this.settings = place.settings();
        this.state = state;
        this.synced = new SyncedReplicas(place, log, followers, state);
        this.checkedNs = nowNs;
        this.inheritedEnd = log.endOffset();
        this.gauges = place.gauges();
        this.lag = new LagGauge(partition.id(), log.startOffset(), log.endOffset());
        gauges.onLeading(lag);
        meetFollowers(nowNs);
        advance();
    }

    /** The same leader under other circumstances. */
    void onState(PartitionState newState, long nowNs) {
        state = newState;
        synced.onState(newState);
        meetFollowers(nowNs);
        advance();
    }

    private void meetFollowers(long nowNs) {
        Iterator<FollowerProgress> known = followers.values().iterator();
        while (known.hasNext()) {
            FollowerProgress follower = known.next();
            if (!state.replicas().contains(follower.brokerId())) {
                follower.closeCursor();
                lag.remove(follower);
                known.remove();
            }
        }
        for (int replica : state.replicas()) {
            if (replica != selfId && !followers.containsKey(replica)) {
                FollowerProgress follower = new FollowerProgress(replica, log.endOffset(), nowNs);
                followers.put(replica, follower);
                lag.add(follower);
            }
        }
    }

    int epoch() {
        return state.leaderEpoch();
    }

    /**
     * The controller does not do what it was asked for.
     *
     * @param isLast whether it will not do so later either
     */
    void onIsrRefused(boolean isLast) {
        synced.onRefused(isLast);
        // It may have waited for the one that was refused.
        advance();
    }

    // ---- appending

    /**
     * Appends a batch that lies at index 0, if it is the next one of its producer; the header gets what is missing.
     *
     * @param expectedOffset where it must be, or {@link RunSink#ANY_OFFSET}
     */
    void append(
            MutableDirectBuffer batch,
            boolean awaitsCommit,
            long expectedOffset,
            AppendListener listener,
            long nowMs,
            long nowNs) {
        int recordCount = BatchLayout.recordCount(batch, 0);
        ProducerStates producers = log.producers();
        switch (producers.check(
                BatchLayout.producerId(batch, 0),
                BatchLayout.producerEpoch(batch, 0),
                BatchLayout.baseSequence(batch, 0),
                recordCount)) {
            case DUPLICATE -> {
                long baseOffset = producers.originalBaseOffset();
                AppendAnswer answer = answer(batch, AppendCode.APPENDED, baseOffset, producers.originalTimestamp());
                onAppended(baseOffset + recordCount, awaitsCommit, listener, answer);
            }
            case OUT_OF_ORDER ->
                listener.onAnswer(answer(batch, AppendCode.OUT_OF_ORDER, 0, producers.expectedSequence()));
            case FENCED -> listener.onAnswer(answer(batch, AppendCode.FENCED, 0, producers.currentEpoch()));
            case NEXT -> {
                if (expectedOffset != RunSink.ANY_OFFSET && expectedOffset != log.endOffset()) {
                    listener.onAnswer(answer(batch, AppendCode.OFFSET_MISMATCH, 0, log.endOffset()));
                } else if (awaitsCommit && !synced.areEnough()) {
                    listener.onAnswer(answer(
                            batch,
                            AppendCode.NOT_ENOUGH_REPLICAS,
                            0,
                            state.isr().size()));
                } else {
                    appendNext(batch, awaitsCommit, listener, nowMs, nowNs);
                }
            }
        }
    }

    private void appendNext(
            MutableDirectBuffer batch, boolean awaitsCommit, AppendListener listener, long nowMs, long nowNs) {
        long baseOffset = log.endOffset();
        stamp(batch, baseOffset);
        try {
            log.append(batch, nowMs, nowNs);
        } catch (TidemillException e) {
            partition.onAppendFailed(e);
            listener.onAnswer(answer(batch, AppendCode.NOT_STORED, 0, 0));
            return;
        }
        lag.endOffsetRelease(log.endOffset());
        AppendAnswer answer = answer(batch, AppendCode.APPENDED, baseOffset, BatchLayout.maxTimestamp(batch, 0));
        try {
            log.settle();
        } catch (TidemillException e) {
            // Kept, and not counted as this replica's: it counts with the next one that can be flushed.
            if (!awaitsCommit) {
                listener.onAnswer(answer(batch, AppendCode.NOT_FLUSHED, 0, 0));
                return;
            }
        }
        handOn(batch, baseOffset);
        onAppended(log.endOffset(), awaitsCommit, listener, answer);
        advance();
    }

    private void stamp(MutableDirectBuffer batch, long baseOffset) {
        batch.putLong(BatchLayout.BASE_OFFSET, baseOffset, LITTLE_ENDIAN);
        batch.putInt(BatchLayout.LEADER_EPOCH, epoch(), LITTLE_ENDIAN);
        batch.putInt(BatchLayout.CRC32C, crc.compute(batch, 0), LITTLE_ENDIAN);
    }

    private void onAppended(long endOffset, boolean awaitsCommit, AppendListener listener, AppendAnswer answer) {
        if (awaitsCommit && endOffset > partition.committedAcquire()) {
            waits.add(endOffset, listener, answer);
        } else {
            listener.onAnswer(answer);
        }
    }

    static AppendAnswer answer(DirectBuffer batch, AppendCode code, long baseOffset, long detail) {
        return new AppendAnswer(
                BatchLayout.producerId(batch, 0),
                BatchLayout.producerEpoch(batch, 0),
                BatchLayout.baseSequence(batch, 0),
                code,
                baseOffset,
                detail);
    }

    // ---- handing on

    /** To those who have everything in front of it; others read it from the log. */
    private void handOn(DirectBuffer batch, long baseOffset) {
        for (FollowerProgress follower : followers.values()) {
            if (follower.nextOffset() == baseOffset) {
                send(follower, batch, 0);
            }
        }
    }

    private boolean send(FollowerProgress follower, DirectBuffer batch, int index) {
        long highWatermark = partition.committedAcquire();
        boolean isSent = sender.batches(
                follower,
                epoch(),
                highWatermark,
                committedMax(highWatermark),
                batch,
                index,
                BatchLayout.frameLength(batch, index));
        if (isSent) {
            follower.onSent(BatchLayout.endOffset(batch, index), highWatermark);
            gauges.onSent(BatchLayout.recordCount(batch, index), BatchLayout.frameLength(batch, index));
        }
        return isSent;
    }

    /** Exclusive; so far records may have been read anywhere. */
    private long committedMax(long highWatermark) {
        return Math.max(inheritedEnd, highWatermark);
    }

    /** A replica tells where its log ends. */
    void onFollow(int brokerId, long attempt, int lastEpoch, long endOffset, long brokerEpoch, long nowNs) {
        FollowerProgress follower = followers.get(brokerId);
        if (follower == null) {
            return;
        }
        EpochEnd agreed = agreedEnd(lastEpoch, endOffset);
        if (endOffset < log.startOffset() || agreed.endOffset() == EpochEnd.UNKNOWN_OFFSET) {
            sender.begin(brokerId, epoch(), attempt, log.startOffset());
            return;
        }
        if (agreed.epoch() != lastEpoch || agreed.endOffset() < endOffset) {
            sender.diverged(brokerId, epoch(), attempt, agreed.epoch(), agreed.endOffset());
            return;
        }
        follower.begin(endOffset, brokerEpoch, attempt);
        follower.onAck(endOffset, log.endOffset(), nowNs);
        onProgress(follower);
    }

    /** Up to where the follower's log may be the same; with an epoch of its own, it is. Unknown where nothing is. */
    private EpochEnd agreedEnd(int lastEpoch, long endOffset) {
        if (endOffset == log.startOffset() && lastEpoch == BatchLayout.NO_LEADER_EPOCH) {
            return new EpochEnd(lastEpoch, endOffset);
        }
        EpochEnd end = log.endOffsetFor(lastEpoch);
        // Behind our last epoch are records that were never ours.
        return end.endOffset() == EpochEnd.UNKNOWN_OFFSET && lastEpoch > log.lastEpoch()
                ? log.endOffsetFor(log.lastEpoch())
                : end;
    }

    void onAck(int brokerId, long endOffset, long nowNs) {
        FollowerProgress follower = followers.get(brokerId);
        if (follower != null && follower.isFollowing()) {
            follower.onAck(endOffset, log.endOffset(), nowNs);
            onProgress(follower);
        }
    }

    private void onProgress(FollowerProgress follower) {
        advance();
        synced.askToAdd(follower);
    }

    void onDisconnected(int brokerId) {
        FollowerProgress follower = followers.get(brokerId);
        if (follower != null) {
            follower.pause();
        }
    }

    // ---- committing

    private void advance() {
        if (synced.areEnough()) {
            commit();
        }
        boolean isUncertain = partition.isEndUncertain() || !partition.isCaughtUp();
        if (isUncertain && partition.committedAcquire() >= inheritedEnd) {
            partition.endUncertain(false);
            partition.onCaughtUp();
        }
    }

    private void commit() {
        long commonEnd = synced.commonEnd();
        if (commonEnd > partition.committedAcquire()) {
            partition.committedRelease(commonEnd);
            waits.onCommitted(commonEnd);
            partition.signalWaiting();
        }
    }

    // ---- from time to time

    /** Sends what followers have not yet, and looks who does not keep up. Answers whether there was something. */
    int doWork(long nowNs) {
        int work = 0;
        for (FollowerProgress follower : followers.values()) {
            if (follower.isFollowing()) {
                work += feed(follower);
            }
        }
        if (nowNs - checkedNs >= settings.askAgainNs()) {
            checkedNs = nowNs;
            synced.askForClarity();
            synced.askToDropThoseBehind(nowNs);
            // Who was refused because it was not alive may be by now.
            followers.values().forEach(synced::askToAdd);
        }
        return work;
    }

    private int feed(FollowerProgress follower) {
        if (follower.nextOffset() < log.startOffset()) {
            return sendToStart(follower);
        }
        int sent = 0;
        while (follower.nextOffset() < log.endOffset() && sent < CATCH_UP_BYTES) {
            LogCursor cursor = follower.cursor(log);
            if (!cursor.next(log.endOffset())) {
                break;
            }
            if (!send(follower, cursor.buffer(), cursor.batchIndex())) {
                cursor.seek(follower.nextOffset());
                break;
            }
            sent += BatchLayout.frameLength(cursor.buffer(), cursor.batchIndex());
        }
        if (follower.nextOffset() == log.endOffset()) {
            follower.closeCursor();
        }
        long highWatermark = partition.committedAcquire();
        if (!follower.isTold(highWatermark)
                && sender.highWatermark(follower, epoch(), highWatermark, committedMax(highWatermark))) {
            follower.onSent(follower.nextOffset(), highWatermark);
        }
        return sent > 0 ? 1 : 0;
    }

    /** What it needs was deleted before it had it. */
    private int sendToStart(FollowerProgress follower) {
        if (!sender.begin(follower.brokerId(), epoch(), follower.attempt(), log.startOffset())) {
            return 0;
        }
        follower.pause();
        return 1;
    }

    void close() {
        gauges.onLeadingEnds(lag);
        followers.values().forEach(FollowerProgress::closeCursor);
    }
}
