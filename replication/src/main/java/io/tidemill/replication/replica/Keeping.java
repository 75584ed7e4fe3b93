package io.tidemill.replication.replica;

import io.tidemill.errors.TidemillException;
import io.tidemill.lane.LogWriter;
import io.tidemill.replication.controller.PartitionState;
import io.tidemill.spi.LogStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this broker keeps a partition: its log is opened when that begins, read when it has everything, and deleted when it ends.
 *
 * <p>Owned by the lane thread.
 */
final class Keeping {
    private static final Logger LOG = LoggerFactory.getLogger(Keeping.class);

    private final ReplicaPlace place;
    private final MovableLog movable;
    private final String logName;
    private final LogWriter writer;
    private final LogStore store;
    private @Nullable ReplicaLog log;
    /** When it was tried the last time to open it. */
    private long triedNs;

    Keeping(ReplicaPlace place, MovableLog movable, String logName, LogWriter writer, LogStore store, long nowMs) {
        this.place = place;
        this.movable = movable;
        this.logName = logName;
        this.writer = writer;
        this.store = store;
        if (movable.isKept()) {
            log = open(nowMs);
        }
    }

    private ReplicaLog open(long nowMs) {
        return ReplicaLog.open(place.partition(), movable, logName, writer, store, nowMs);
    }

    /** Null where the partition is not kept. */
    @Nullable
    ReplicaLog log() {
        return log;
    }

    RemoteLog remote() {
        return movable.remote();
    }

    /** Whether it is kept and is not to be any more: nobody may do anything with the log then. */
    boolean isToEnd(PartitionState state) {
        return log != null && !isToKeep(state);
    }

    private boolean isToKeep(PartitionState state) {
        return state.replicas().contains(place.selfId());
    }

    void end() {
        log = null;
        movable.leave();
        if (place.isRegistered()) {
            // Before, it may be that only a former life was not to keep it.
            delete();
        }
        place.partition().signalWaiting();
    }

    /** What cannot be deleted now, goes when the broker is opened again. */
    private void delete() {
        try {
            ReplicaLog.delete(logName, store);
        } catch (TidemillException e) {
            LOG.warn("log that is kept elsewhere cannot be deleted now: log={}, reason={}", logName, e.toString());
        }
    }

    /** Opens the log, if it is to be kept and is not; where that fails, it is tried again. Answers whether it did. */
    boolean tryBegin(PartitionState state, long nowMs, long nowNs) {
        if (log != null || !isToKeep(state)) {
            return false;
        }
        triedNs = nowNs;
        try {
            movable.keep();
            log = open(nowMs);
            return true;
        } catch (TidemillException e) {
            LOG.warn("log cannot be opened now: log={}, reason={}", logName, e.toString());
            if (movable.isKept()) {
                movable.leave();
            }
            return false;
        }
    }

    boolean isTryingDue(long nowNs) {
        return log == null && nowNs - triedNs >= place.settings().askAgainNs();
    }

    /** Who is in sync has everything that is committed, and is read. Answers whether that is new. */
    boolean readIfInSync(PartitionState state) {
        ReplicaLog kept = log;
        if (kept == null
                || movable.isReadHere()
                || !state.isr().contains(place.selfId())
                || kept.endOffset() < place.partition().committedAcquire()) {
            return false;
        }
        kept.beginReading();
        return true;
    }
}
