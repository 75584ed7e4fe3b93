package io.tidemill.producer;

import io.tidemill.lane.Partition;
import io.tidemill.runtime.CallerWait;

/** Of records that are appended at a certain offset, or not at all. */
final class ConditionalSend extends SendFuture {
    private final long expectedOffset;

    ConditionalSend(Partition partition, CallerWait callerWait, long expectedOffset) {
        super(partition, callerWait);
        this.expectedOffset = expectedOffset;
    }

    @Override
    public long expectedOffset() {
        return expectedOffset;
    }
}
