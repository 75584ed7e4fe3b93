package io.tidemill.groups.local;

import io.tidemill.TopicPartition;
import io.tidemill.groups.sharing.Acknowledgement;
import java.util.UUID;

/**
 * What a member says of neighbouring records that it was given.
 *
 * @param topicId of the topic that they were of: another one may have its name by now
 */
public record Verdict(TopicPartition partition, UUID topicId, long firstOffset, long lastOffset, Acknowledgement what) {
    Verdict between(long first, long last) {
        return new Verdict(partition, topicId, first, last, what);
    }
}
