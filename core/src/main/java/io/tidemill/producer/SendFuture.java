package io.tidemill.producer;

import io.tidemill.RecordMetadata;
import io.tidemill.errors.BufferExhaustedException;
import io.tidemill.lane.DeliveryQueue;
import io.tidemill.lane.Partition;
import io.tidemill.ring.RunSink;
import io.tidemill.runtime.CallerFuture;
import io.tidemill.runtime.CallerWait;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is remembered of one sent record, in one object: the sink in the ring, the entry in the delivery
 * queue, the future in the user's hands, and its own result.
 */
class SendFuture extends CallerFuture<RecordMetadata> implements RecordMetadata, RunSink, DeliveryQueue.Delivery {
    private final Partition partition;
    private long offset = NO_OFFSET;
    private long timestamp = NO_OFFSET;
    private @Nullable RuntimeException failure;

    SendFuture(Partition partition, CallerWait callerWait) {
        super(callerWait);
        this.partition = partition;
    }

    /** There is room, and the record goes there now; nobody has seen it yet. Sender's thread. */
    void onClaimed() {
        // nobody counts
    }

    /** There is no room; throws it, or answers it. Sender's thread. */
    void refuse(BufferExhaustedException cause) {
        throw cause;
    }

    /** Nobody else will answer it, or nobody waits for that. */
    void giveUp(RuntimeException cause) {
        answer(cause);
    }

    /** Who is told by the lane; null when nobody wants to know. */
    @Nullable
    RunSink sink() {
        return this;
    }

    @Override
    public final boolean isForOneRun() {
        return true;
    }

    @Override
    public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {
        offset = baseOffset;
        timestamp = appendTimeMs;
        partition.deliveries().add(this);
    }

    @Override
    public void onFailed(int recordCount, RuntimeException cause) {
        failure = cause;
        partition.deliveries().add(this);
    }

    @Override
    public void deliver() {
        answer(failure);
    }

    final void answer(@Nullable RuntimeException cause) {
        if (cause == null) {
            complete(this);
        } else {
            completeExceptionally(cause);
        }
    }

    final Partition to() {
        return partition;
    }

    /** Why it was not appended, as the lane has told; null while it has not. */
    final @Nullable RuntimeException failure() {
        return failure;
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
    public long offset() {
        return offset;
    }

    @Override
    public long timestamp() {
        return timestamp;
    }

    @Override
    public String toString() {
        return isDone() && !isCompletedExceptionally() ? partition + "@" + offset : super.toString();
    }
}
