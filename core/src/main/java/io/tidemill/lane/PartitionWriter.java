package io.tidemill.lane;

import io.tidemill.batch.RecordLayout;
import io.tidemill.ring.RunSink;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The lane's side of a partition: gathers what one duty cycle brings into a batch, or several where batches linger, and hands
 * it to the partition's {@link Appender} when it is due.
 *
 * <p>Owned by the lane thread.
 */
final class PartitionWriter {
    private final Partition partition;
    private final LogWriter log;
    private final Appender appender;
    private final SpareBatches spares;
    private @Nullable GatheredBatch batch;
    /** When the batch was begun. */
    private long batchSinceNs;
    /** Whether somebody asked that the batch does not linger. */
    private boolean isPushed;

    PartitionWriter(Partition partition, LogWriter log, Appender appender, SpareBatches spares) {
        this.partition = partition;
        this.log = log;
        this.appender = appender;
        this.spares = spares;
    }

    Partition partition() {
        return partition;
    }

    LogWriter log() {
        return log;
    }

    boolean hasBatch() {
        return batch != null;
    }

    /** How many bytes the batch has by now. */
    int batchLength() {
        return batch().length();
    }

    /** Whether a batch that is due would be taken. */
    boolean isReady() {
        return appender.isReady();
    }

    /** Whether the batch must not wait for more. */
    boolean isDue(long nowNs) {
        return appender.isReady()
                && (partition.settings().lingerMs() == 0
                        || isPushed
                        || batch().recordCount() == 0
                        || batch().length() >= partition.settings().batchSize()
                        || nowNs - dueNs() >= 0
                        || !batch().isUnder(partition.settings())
                        || partition.isRemoved());
    }

    /** When it has waited long enough. */
    long dueNs() {
        return batchSinceNs + TimeUnit.MILLISECONDS.toNanos(partition.settings().lingerMs());
    }

    /** Whether the batch must be flushed before it is answered. */
    boolean flushesEveryBatch() {
        return partition.settings().log().flush().messages() == 1;
    }

    /** How many will be told what became of the batch, at most. */
    int answersOwed() {
        return batch().answersOwed();
    }

    /** Adds a run to the batch; appends that one first if both do not fit. A run of length 0 asks that it does not linger. */
    void take(DirectBuffer buffer, int index, int runLength, @Nullable RunSink sink, long nowMs, long nowNs) {
        if (batch == null) {
            batch = spares.take();
        } else if (!hasRoomFor(runLength)) {
            appendAndBegin(nowMs, nowNs);
        }
        if (runLength == 0) {
            isPushed = true;
            batch().addListener(sink);
        } else if (sink != null && sink.expectedOffset() != RunSink.ANY_OFFSET) {
            appendAndBegin(nowMs, nowNs);
            add(buffer, index, runLength, sink, nowMs, nowNs);
            // A batch of its own: nobody else wants to be refused with it.
            batch().expect(sink.expectedOffset());
            appendAndBegin(nowMs, nowNs);
        } else {
            add(buffer, index, runLength, sink, nowMs, nowNs);
        }
    }

    /** A batch of one run may always be. */
    private boolean hasRoomFor(int runLength) {
        return batch().recordCount() == 0 || batch().length() + runLength <= partition.messageBytesMax();
    }

    private void add(DirectBuffer buffer, int index, int runLength, @Nullable RunSink sink, long nowMs, long nowNs) {
        if (batch().recordCount() == 0) {
            batchSinceNs = partition.lingerStart().sinceNs(nowNs);
        }
        int recordCount = RecordLayout.count(buffer, index, runLength);
        batch().add(buffer, index, runLength, recordCount, sink, partition.settings(), nowMs);
    }

    private void appendAndBegin(long nowMs, long nowNs) {
        append(nowMs, nowNs);
        batch = spares.take();
    }

    /** Hands the batch over. */
    void append(long nowMs, long nowNs) {
        batch().onHandedOver();
        // Ours until it is taken: should that fail, and with it the lane, those who wait are told.
        appender.append(batch(), nowMs, nowNs);
        end();
    }

    /** Nothing of the batch will be appended. */
    void fail(RuntimeException cause) {
        partition.probe().onFailed(batch().recordCount());
        end().fail(cause);
        partition.signalWaiting();
    }

    /** Nothing is appended any more. */
    void close(RuntimeException cause) {
        appender.close(cause);
    }

    private GatheredBatch end() {
        GatheredBatch ended = batch();
        batch = null;
        isPushed = false;
        partition.lingerStart().clear();
        return ended;
    }

    private GatheredBatch batch() {
        if (batch == null) {
            throw new IllegalStateException("no batch was begun: partition=" + partition);
        }
        return batch;
    }
}
