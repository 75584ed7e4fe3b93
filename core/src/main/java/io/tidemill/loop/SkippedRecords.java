package io.tidemill.loop;

import io.tidemill.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes over records that cannot be handled; they are told of in the log and nowhere else. */
final class SkippedRecords implements PoisonRecords {
    private static final Logger LOG = LoggerFactory.getLogger(SkippedRecords.class);

    @Override
    public void take(TopicPartition partition, long offset, Exception failure) {
        LOG.warn("skipped: {}", PoisonRecords.message(partition, offset), failure);
    }
}
