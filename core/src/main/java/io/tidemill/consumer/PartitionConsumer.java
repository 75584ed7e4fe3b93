package io.tidemill.consumer;

import io.tidemill.lane.Partition;
import io.tidemill.raw.RawConsumer;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import java.time.Duration;

/** The raw tier's consumer. */
public final class PartitionConsumer implements RawConsumer {
    private final Partition partition;
    private final PartitionReader reader;
    private final CallerWait callerWait;
    private final Wakeup wakeup;
    private boolean closed;

    public PartitionConsumer(Partition partition, CallerWait callerWait) {
        this.partition = partition;
        this.reader = new PartitionReader(partition);
        this.callerWait = callerWait;
        this.wakeup = callerWait.newWakeup();
    }

    @Override
    public int poll(RecordHandler handler, int recordsMax) {
        requireOpen();
        return reader.poll(handler, recordsMax);
    }

    @Override
    public boolean await(Duration timeout) {
        requireOpen();
        partition.addWaiting(wakeup);
        try {
            return callerWait.until(reader::hasMore, timeout, wakeup);
        } finally {
            partition.removeWaiting(wakeup);
        }
    }

    @Override
    public long position() {
        return reader.position();
    }

    @Override
    public void seek(long offset) {
        requireOpen();
        reader.seek(offset);
    }

    @Override
    public void seekToTime(long timestampMs) {
        requireOpen();
        reader.seekToTime(timestampMs);
    }

    @Override
    public void seekToMaxTime() {
        requireOpen();
        reader.seekToMaxTime();
    }

    @Override
    public long endOffset() {
        return partition.committedAcquire();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the consumer is closed: partition=" + partition);
        }
        callerWait.requireOpen();
    }

    @Override
    public void close() {
        closed = true;
        reader.close();
    }
}
