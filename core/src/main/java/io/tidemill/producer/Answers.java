package io.tidemill.producer;

import io.tidemill.DeliveryListener;
import io.tidemill.lane.Partition;
import org.jspecify.annotations.Nullable;

/** Makes the answer to a record, once its partition is chosen. Any thread. */
@FunctionalInterface
interface Answers {
    /** The listener is of that record alone; null when it has none. */
    SendFuture newAnswer(Partition partition, @Nullable DeliveryListener listener);
}
