package io.tidemill.consumer;

import io.tidemill.lane.Partition;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The raw tier's consumer. */
public final class PartitionConsumer implements RawConsumer {
    private final Partition partition;
    private final PartitionReader reader;
    private final CallerWait callerWait;
    private final Wakeup wakeup;
    private final CallerWakeup callerWakeup;
    /** Null when nobody checks. */
    private final @Nullable CheckedViews checked;

    private boolean closed;

    public PartitionConsumer(Partition partition, RawConsumerSettings settings, CallerWait callerWait) {
        this.partition = partition;
        this.reader = new PartitionReader(partition, settings.isolationLevel(), OffsetReset.NONE);
        this.callerWait = callerWait;
        this.wakeup = callerWait.newWakeup();
        this.callerWakeup = new CallerWakeup(wakeup);
        this.checked = settings.checkViews() ? new CheckedViews() : null;
    }

    @Override
    public int poll(RecordHandler handler, int recordsMax) {
        requireOpen();
        return checked == null ? reader.poll(handler, recordsMax) : checked.poll(reader, handler, recordsMax);
    }

    @Override
    public boolean await(Duration timeout) {
        beforeMove();
        partition.addWaiting(wakeup);
        try {
            return callerWait.until(this::hasMore, timeout, wakeup);
        } finally {
            partition.removeWaiting(wakeup);
        }
    }

    private boolean hasMore() {
        callerWakeup.throwIfRequested();
        return reader.hasMore();
    }

    @Override
    public void wakeup() {
        callerWakeup.request();
    }

    @Override
    public long position() {
        return reader.position();
    }

    @Override
    public void seek(long offset) {
        beforeMove();
        reader.seek(offset);
    }

    @Override
    public void seekToTime(long timestampMs) {
        beforeMove();
        reader.seekToTime(timestampMs);
    }

    @Override
    public void seekToMaxTime() {
        beforeMove();
        reader.seekToMaxTime();
    }

    @Override
    public long startOffset() {
        return partition.startOffset();
    }

    @Override
    public long endOffset() {
        return reader.readableEnd();
    }

    /** A handler may be at it: what its record shows is not there any more then. */
    private void beforeMove() {
        requireOpen();
        releaseView();
    }

    private void releaseView() {
        if (checked != null) {
            checked.release();
        }
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
        releaseView();
        reader.close();
    }
}
