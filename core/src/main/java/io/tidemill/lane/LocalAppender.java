package io.tidemill.lane;

import io.tidemill.codec.BatchCompressor;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Troubles.Kind;
import io.tidemill.ring.RunSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to a log that nobody else has a copy of: what is in the log is committed. It is published, and then those are told who
 * asked; in that order, so that nobody hears of a record that cannot be read.
 *
 * <p>Owned by the lane thread.
 */
final class LocalAppender implements Appender {
    private static final Logger LOG = LoggerFactory.getLogger(LocalAppender.class);

    private final Partition partition;
    private final LogWriter log;
    /** The lane's. */
    private final BatchCompressor compressor;

    LocalAppender(Partition partition, LogWriter log, BatchCompressor compressor) {
        this.partition = partition;
        this.log = log;
        this.compressor = compressor;
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void append(GatheredBatch batch, long nowMs, long nowNs) {
        long baseOffset = log.endOffset();
        if (batch.recordCount() == 0) {
            batch.appended(baseOffset, nowMs);
            return;
        }
        if (batch.expectedOffset() != RunSink.ANY_OFFSET && batch.expectedOffset() != baseOffset) {
            showAll();
            fail(
                    batch,
                    new OffsetMismatchException("the partition ends elsewhere, nothing was appended: expectedOffset="
                            + batch.expectedOffset() + ", endOffset=" + baseOffset + ", partition=" + partition));
            return;
        }
        long beganNs = partition.probe().beginAppend();
        try {
            log.append(batch.finish(baseOffset, nowMs, compressor, partition.settings()), beganNs, nowNs);
        } catch (TidemillException e) {
            partition.trouble().begin(Kind.APPEND, e);
            fail(batch, e);
            return;
        }
        try {
            log.flushIfDue();
        } catch (TidemillException e) {
            fail(
                    batch,
                    new StorageException(
                            "the record may be stored or not, it was appended but could not be flushed: partition="
                                    + partition + ", reason=" + e.getMessage(),
                            e));
            return;
        }
        partition.committedRelease(log.endOffset());
        batch.appended(baseOffset, nowMs);
        partition.signalWaiting();
    }

    @Override
    public void close(RuntimeException cause) {
        // everything was answered at once
    }

    /** What an earlier flush left behind: who expects another end reads again, and would expect the same for ever. */
    private void showAll() {
        if (partition.committedAcquire() == log.endOffset()) {
            return;
        }
        try {
            log.flush();
            partition.committedRelease(log.endOffset());
        } catch (TidemillException e) {
            LOG.warn("flush failed again: partition={}, reason={}", partition, e.toString());
        }
    }

    private void fail(GatheredBatch batch, RuntimeException cause) {
        partition.probe().onFailed(batch.recordCount());
        batch.fail(cause);
        partition.signalWaiting();
    }
}
