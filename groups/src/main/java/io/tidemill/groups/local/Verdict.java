package io.tidemill.groups.local;

import io.tidemill.TopicPartition;
import io.tidemill.groups.sharing.Acknowledgement;

/** What a member says of neighbouring records that it was given. */
public record Verdict(TopicPartition partition, long firstOffset, long lastOffset, Acknowledgement what) {
    Verdict between(long first, long last) {
        return new Verdict(partition, first, last, what);
    }
}
