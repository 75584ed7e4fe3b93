package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import java.util.Set;

/** What a member is told. */
public sealed interface HeartbeatReply {
    /**
     * It is one, and may read these and no others.
     *
     * @param epoch to be named from now on
     * @param partitions what it is to read; what else it has is to be given up, and then no more be named
     */
    record Assigned(int epoch, Set<TopicPartition> partitions) implements HeartbeatReply {}

    /** It is none. */
    record Refused(Refusal refusal) implements HeartbeatReply {}
}
