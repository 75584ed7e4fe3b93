package io.tidemill.lane;

import io.tidemill.TimestampType;
import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchBuilder;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.RecordLayout;
import io.tidemill.codec.BatchCompressor;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Troubles.Kind;
import io.tidemill.ring.RunSink;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lane's side of a partition: collects what one duty cycle brings into a batch, or several where batches linger,
 * appends it, publishes the new end, and tells those who asked. In that order, so that nobody hears of a record that
 * cannot be read.
 *
 * <p>Owned by the lane thread.
 */
final class PartitionWriter {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionWriter.class);

    /** Longer than any broker is open, short enough to be added to a clock's reading. */
    private static final long FLUSH_WAIT_MAX_NS = Long.MAX_VALUE / 4;

    private final Partition partition;
    private final PartitionLog log;
    /** The lane's. */
    private final BatchCompressor compressor;

    private final SinkRuns sinks = new SinkRuns();
    private @Nullable BatchBuilder batch;
    /** Of the batch: when it was begun, and under which settings. */
    private long batchSinceNs;

    private TopicSettings batchSettings;
    /** Whether somebody asked that the batch does not linger. */
    private boolean isPushed;

    /** Records that were appended since the last flush. */
    private long unflushed;
    /** When the oldest of them was appended. */
    private long unflushedSinceNs;
    /** A flush that nobody waited for failed. */
    private boolean isFlushOverdue;

    PartitionWriter(Partition partition, BatchCompressor compressor) {
        this.partition = partition;
        this.log = partition.log();
        this.compressor = compressor;
        this.batchSettings = partition.settings();
    }

    Partition partition() {
        return partition;
    }

    boolean hasBatch() {
        return batch != null;
    }

    /** How many bytes the batch has by now. */
    int batchLength() {
        return batch().length();
    }

    void begin(BatchBuilder empty) {
        batch = empty;
    }

    /** Whether the batch must not wait for more. */
    boolean isDue(long nowNs) {
        return batchSettings.lingerMs() == 0
                || isPushed
                || batch().recordCount() == 0
                || batch().length() >= batchSettings.batchSize()
                || nowNs - dueNs() >= 0
                || batchSettings != partition.settings()
                || partition.isRemoved();
    }

    /** When it has waited long enough. */
    long dueNs() {
        return batchSinceNs + TimeUnit.MILLISECONDS.toNanos(batchSettings.lingerMs());
    }

    /** How many will be told what became of the batch, at most. */
    int answersOwed() {
        return sinks.size();
    }

    /** The batch is due, and the sink is told after those who are in front of it. */
    void push(@Nullable RunSink sink) {
        isPushed = true;
        sinks.add(sink, 0);
    }

    /** Whether a run of that length may still join the batch. A batch of one run may always be. */
    boolean hasRoomFor(int runLength) {
        return batch().recordCount() == 0 || batch().length() + runLength <= partition.messageBytesMax();
    }

    void add(DirectBuffer buffer, int index, int runLength, @Nullable RunSink sink, long nowMs, long nowNs) {
        if (batch().recordCount() == 0) {
            batchSettings = partition.settings();
            batchSinceNs = partition.lingerStart().sinceNs(nowNs);
        }
        // The sink first: should the copy fail, and with it the lane, it still hears of it.
        sinks.add(sink, RecordLayout.count(buffer, index, runLength));
        batch().add(buffer, index, runLength, nowMs);
    }

    /** Appends a run that wants a certain offset as a batch of its own, behind what is there. */
    void appendAt(
            long expectedOffset, DirectBuffer buffer, int index, int runLength, RunSink sink, long nowMs, long nowNs) {
        append(nowMs, nowNs);
        add(buffer, index, runLength, sink, nowMs, nowNs);
        if (log.endOffset() == expectedOffset) {
            append(nowMs, nowNs);
        } else {
            showAll();
            fail(new OffsetMismatchException("the partition ends elsewhere, nothing was appended: expectedOffset="
                    + expectedOffset + ", endOffset=" + log.endOffset() + ", partition=" + partition));
        }
    }

    /** What an earlier flush left behind: who expects another end reads again, and would expect the same for ever. */
    private void showAll() {
        if (partition.committedAcquire() == log.endOffset()) {
            return;
        }
        try {
            flush();
            partition.committedRelease(log.endOffset());
        } catch (TidemillException e) {
            LOG.warn("flush failed again: partition={}, reason={}", partition, e.toString());
        }
    }

    /** Appends the batch, flushes it if it has to be, and leaves it empty. */
    void append(long nowMs, long nowNs) {
        long baseOffset = log.endOffset();
        if (batch().recordCount() == 0) {
            sinks.appended(baseOffset, nowMs);
            clear();
            return;
        }
        long beganNs = partition.probe().beginAppend();
        int storedBytes;
        try {
            if (batchSettings.timestampType() == TimestampType.LOG_APPEND_TIME) {
                batch().stampAll(nowMs);
            }
            batch().finish(baseOffset);
            DirectBuffer stored =
                    compressor.compress(batch().buffer(), partition.settings().compression());
            storedBytes = BatchLayout.frameLength(stored, 0);
            log.append(stored, 0, storedBytes);
        } catch (TidemillException e) {
            partition.trouble().begin(Kind.APPEND, e);
            fail(e);
            return;
        }
        partition.trouble().end(Kind.APPEND);
        partition.probe().onAppended(beganNs, baseOffset, batch().recordCount(), storedBytes);
        if (unflushed == 0) {
            unflushedSinceNs = nowNs;
        }
        unflushed += batch().recordCount();
        if (isFlushOverdue || flushSettings().isDue(unflushed)) {
            try {
                flush();
            } catch (TidemillException e) {
                fail(new StorageException(
                        "the record may be stored or not, it was appended but could not be flushed: partition="
                                + partition + ", reason=" + e.getMessage(),
                        e));
                return;
            }
        }
        partition.committedRelease(log.endOffset());
        sinks.appended(baseOffset, nowMs);
        clear();
        partition.signalWaiting();
    }

    private void flush() {
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

    private FlushSettings flushSettings() {
        return partition.settings().log().flush();
    }

    boolean flushesEveryBatch() {
        return flushSettings().messages() == 1;
    }

    /** Whether a flush will be due when time has passed. */
    boolean waitsForFlush() {
        return unflushed > 0 && !isFlushOverdue && flushSettings().ms() != LogSettings.UNLIMITED;
    }

    /** When that will be. */
    long flushDueNs() {
        return unflushedSinceNs
                + Math.min(TimeUnit.MILLISECONDS.toNanos(flushSettings().ms()), FLUSH_WAIT_MAX_NS);
    }

    /** Nobody waits for it; if it fails, those hear of it who send next. */
    void flushIfLate(long nowNs) {
        if (waitsForFlush() && flushSettings().isTooLate(TimeUnit.NANOSECONDS.toMillis(nowNs - unflushedSinceNs))) {
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
        try {
            log.close();
        } catch (TidemillException e) {
            LOG.warn("log of a deleted topic did not close: partition={}, reason={}", partition, e.toString());
        }
    }

    /** Nothing of the batch will be appended. */
    void fail(RuntimeException cause) {
        partition.probe().onFailed(batch().recordCount());
        sinks.failed(cause);
        clear();
        partition.signalWaiting();
    }

    /** Gives back the builder that {@link #begin} brought. */
    BatchBuilder end() {
        BatchBuilder empty = batch();
        batch = null;
        return empty;
    }

    private void clear() {
        batch().clear();
        sinks.clear();
        isPushed = false;
        partition.lingerStart().clear();
    }

    private BatchBuilder batch() {
        if (batch == null) {
            throw new IllegalStateException("no batch was begun: partition=" + partition);
        }
        return batch;
    }
}
