package io.tidemill.replication.replica;

import io.tidemill.spi.LogCursor;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/** How far another replica has followed, as its leader knows. Owned by the lane thread, but for what says otherwise. */
final class FollowerProgress {
    static final long UNKNOWN = -1;

    private final int brokerId;
    /** Of the incarnation that follows. */
    private long brokerEpoch = UNKNOWN;
    /** Which asking of it is being answered. */
    private long attempt;

    /** What is sent to it next; {@link #UNKNOWN} while it does not follow. */
    private long nextOffset = UNKNOWN;
    /** Exclusive; what it has. */
    private final AtomicLong ackedOffset = new AtomicLong(UNKNOWN);

    private long toldHighWatermark = UNKNOWN;
    /** The last time for which it is known to have had all that the leader had. */
    private long caughtUpNs;
    /** What the leader had when it was last heard of, and when that was. */
    private long markOffset;

    private long markNs;
    private @Nullable LogCursor cursor;

    FollowerProgress(int brokerId, long endOffset, long nowNs) {
        this.brokerId = brokerId;
        this.caughtUpNs = nowNs;
        this.markOffset = endOffset;
        this.markNs = nowNs;
    }

    int brokerId() {
        return brokerId;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    long attempt() {
        return attempt;
    }

    boolean isFollowing() {
        return nextOffset != UNKNOWN;
    }

    long nextOffset() {
        return nextOffset;
    }

    long ackedOffset() {
        return ackedOffset.getPlain();
    }

    /** The same. Any thread. */
    long ackedAcquire() {
        return ackedOffset.getAcquire();
    }

    long caughtUpNs() {
        return caughtUpNs;
    }

    boolean isTold(long highWatermark) {
        return toldHighWatermark >= highWatermark;
    }

    /** It has what the leader has up to there, and wants what comes next. */
    void begin(long offset, long ofBrokerEpoch, long ofAttempt) {
        brokerEpoch = ofBrokerEpoch;
        attempt = ofAttempt;
        nextOffset = offset;
        toldHighWatermark = UNKNOWN;
        closeCursor();
    }

    /** Nothing reaches it any more until it asks again. What it has it has, if it comes back as the same. */
    void pause() {
        nextOffset = UNKNOWN;
        closeCursor();
    }

    void onSent(long endOffset, long highWatermark) {
        nextOffset = endOffset;
        toldHighWatermark = highWatermark;
    }

    /** It has everything below that offset. */
    void onAck(long offset, long leaderEndOffset, long nowNs) {
        ackedOffset.setRelease(offset);
        if (offset >= markOffset) {
            caughtUpNs = markNs;
        }
        if (offset >= leaderEndOffset) {
            caughtUpNs = nowNs;
        }
        markOffset = leaderEndOffset;
        markNs = nowNs;
    }

    /** On what is sent next. */
    LogCursor cursor(ReplicaLog log) {
        if (cursor == null) {
            cursor = log.newCursor();
            cursor.seek(nextOffset);
        }
        return cursor;
    }

    /** It is not behind any more, or somewhere else. */
    void closeCursor() {
        CloseHelper.close(cursor);
        cursor = null;
    }
}
