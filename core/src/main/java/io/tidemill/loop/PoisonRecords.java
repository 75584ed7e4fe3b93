package io.tidemill.loop;

import io.tidemill.TopicPartition;
import io.tidemill.errors.PoisonRecordException;

/** Where records go that cannot be handled. */
@FunctionalInterface
interface PoisonRecords {
    /** The run ends there. */
    PoisonRecords STOP = (partition, offset, failure) -> {
        throw new PoisonRecordException(message(partition, offset), failure);
    };

    /**
     * Called by the thread of the run. When this returns, the record is done with.
     *
     * @throws PoisonRecordException when it is not
     */
    void take(TopicPartition partition, long offset, Exception failure);

    static String message(TopicPartition partition, long offset) {
        return "record cannot be handled: partition=" + partition + ", offset=" + offset;
    }
}
