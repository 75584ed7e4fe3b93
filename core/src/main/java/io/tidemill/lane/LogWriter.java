package io.tidemill.lane;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Troubles.Kind;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the log of one partition: appends, flushes as its topic wants it, and deletes what is too old. What happens is told to
 * the partition's probe, what does not work to its troubles.
 *
 * <p>Owned by the lane thread.
 */
public final class LogWriter {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

    /** Longer than any broker is open, short enough to be added to a clock's reading. */
    private static final long FLUSH_WAIT_MAX_NS = Long.MAX_VALUE / 4;

    private final Partition partition;
    private final PartitionLog log;
    private final LateFlushes lateFlushes;
    /** Records that were appended since the last flush. */
    private long unflushed;
    /** When the oldest of them was appended. */
    private long unflushedSinceNs;
    /** A flush that nobody waited for failed. */
    private boolean isFlushOverdue;

    LogWriter(Partition partition, LateFlushes lateFlushes) {
        this.partition = partition;
        this.log = partition.log();
        this.lateFlushes = lateFlushes;
    }

    /** As {@link PartitionLog#endOffset}. */
    public long endOffset() {
        return log.endOffset();
    }

    /**
     * Appends a finished batch, which lies at index 0. Behind this, {@link #flushIfDue} is to be called.
     *
     * @param beganNs what the probe gave
     * @throws TidemillException when nothing was appended
     */
    public void append(DirectBuffer batch, long beganNs, long nowNs) {
        int storedBytes = BatchLayout.frameLength(batch, 0);
        int recordCount = BatchLayout.recordCount(batch, 0);
        log.append(batch, 0, storedBytes);
        partition.trouble().end(Kind.APPEND);
        partition.probe().onAppended(beganNs, BatchLayout.baseOffset(batch, 0), recordCount, storedBytes);
        if (unflushed == 0) {
            unflushedSinceNs = nowNs;
        }
        unflushed += recordCount;
    }

    /**
     * Flushes what was appended, if it has to be before anyone hears of it.
     *
     * @throws TidemillException when it may be stored or not
     */
    public void flushIfDue() {
        if (isFlushOverdue || settings().isDue(unflushed)) {
            flush();
        } else if (waitsForFlush()) {
            lateFlushes.add(this);
        }
    }

    /** As {@link PartitionLog#flush}. */
    public void flush() {
        long beganNs = partition.probe().beginFlush();
        try {
            log.flush();
        } catch (TidemillException e) {
            partition.trouble().begin(Kind.FLUSH, e);
            throw e;
        }
        partition.trouble().end(Kind.FLUSH);
        partition.probe().onFlushed(beganNs);
        unflushed = 0;
        isFlushOverdue = false;
    }

    private FlushSettings settings() {
        return partition.settings().log().flush();
    }

    /** Whether a flush will be due when time has passed. */
    boolean waitsForFlush() {
        return unflushed > 0 && !isFlushOverdue && settings().ms() != LogSettings.UNLIMITED;
    }

    /** When that will be. */
    long flushDueNs() {
        return unflushedSinceNs
                + Math.min(TimeUnit.MILLISECONDS.toNanos(settings().ms()), FLUSH_WAIT_MAX_NS);
    }

    /** Nobody waits for it; if it fails, those hear of it who send next. */
    void flushIfLate(long nowNs) {
        if (waitsForFlush() && settings().isTooLate(TimeUnit.NANOSECONDS.toMillis(nowNs - unflushedSinceNs))) {
            try {
                flush();
            } catch (TidemillException e) {
                isFlushOverdue = true;
                LOG.warn(
                        "flush failed, the next batch waits for another: partition={}, reason={}",
                        partition,
                        e.toString());
            }
        }
    }

    /** What the partition need not keep any more; tried again by the next check if the disk refuses. */
    void deleteOld() {
        if (partition.isRemoved()) {
            return;
        }
        try {
            log.deleteOld();
            partition.trouble().end(Kind.RETENTION);
        } catch (TidemillException e) {
            if (!partition.trouble().has(Kind.RETENTION)) {
                LOG.warn("retention check failed: partition={}, reason={}", partition, e.toString());
            }
            partition.trouble().begin(Kind.RETENTION, e);
        }
    }

    /** In place of appending, where another broker does that; answers whether there was something. */
    boolean follow() {
        if (partition.isRemoved()) {
            return false;
        }
        try {
            boolean isMoved = partition.refresh();
            partition.trouble().end(Kind.FOLLOWING);
            return isMoved;
        } catch (TidemillException e) {
            if (!partition.trouble().has(Kind.FOLLOWING)) {
                LOG.warn("log cannot be followed for now: partition={}, reason={}", partition, e.toString());
            }
            partition.trouble().begin(Kind.FOLLOWING, e);
            return false;
        }
    }

    /** The log is not written any more; what it holds is not wanted. */
    void close() {
        lateFlushes.remove(this);
        try {
            log.close();
        } catch (TidemillException e) {
            LOG.warn("log of a deleted topic did not close: partition={}, reason={}", partition, e.toString());
        }
    }
}
