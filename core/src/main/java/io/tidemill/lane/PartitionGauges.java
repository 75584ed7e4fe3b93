package io.tidemill.lane;

import io.tidemill.PartitionMetrics;
import io.tidemill.metrics.PartitionCounters;
import io.tidemill.spi.PartitionLog;

/** A partition as {@link PartitionMetrics}: it reads the words that others write. */
final class PartitionGauges implements PartitionMetrics {
    private final Partition partition;
    private final PartitionLog log;
    private final PartitionCounters counters;
    private volatile long lastStartOffset;

    PartitionGauges(Partition partition) {
        this.partition = partition;
        this.log = partition.log();
        this.counters = partition.probe().counters();
        this.lastStartOffset = log.startOffset();
    }

    @Override
    public String topic() {
        return partition.topic();
    }

    @Override
    public int partition() {
        return partition.index();
    }

    @Override
    public long startOffset() {
        try {
            lastStartOffset = log.startOffset();
        } catch (IllegalStateException e) {
            // The log is closed, which may happen at any moment: it has the start that it had.
        }
        return lastStartOffset;
    }

    @Override
    public long endOffset() {
        return partition.committedAcquire();
    }

    @Override
    public long logBytes() {
        return log.bytes();
    }

    @Override
    public long appendedBatches() {
        return counters.appendedBatches();
    }

    @Override
    public long appendedRecords() {
        return counters.appendedRecords();
    }

    @Override
    public long appendedBytes() {
        return counters.appendedBytes();
    }

    @Override
    public long failedRecords() {
        return counters.failedRecords();
    }

    @Override
    public long flushes() {
        return counters.flushes();
    }

    @Override
    public long rolls() {
        return counters.rolls();
    }

    @Override
    public long deletedBytes() {
        return counters.deletedBytes();
    }

    @Override
    public long blockedSends() {
        return counters.blockedSends();
    }

    @Override
    public long refusedSends() {
        return counters.refusedSends();
    }

    @Override
    public long readRecords() {
        return counters.readRecords();
    }

    @Override
    public long readBytes() {
        return counters.readBytes();
    }

    @Override
    public String toString() {
        return partition.toString();
    }
}
