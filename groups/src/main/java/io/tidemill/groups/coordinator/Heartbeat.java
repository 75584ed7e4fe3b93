package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import io.tidemill.broker.Incarnation;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a member says of itself, again and again.
 *
 * @param memberId made up by the member
 * @param home the broker that it lives in
 * @param epoch the one it was told last; {@link #JOINING} when it has none
 * @param instanceId the same over restarts, for a static member; null for others
 * @param topics those that it wants
 * @param timeouts how long it may be silent
 * @param owned those that it reads, or may still commit
 */
public record Heartbeat(
        String memberId,
        Incarnation home,
        int epoch,
        @Nullable String instanceId,
        Set<String> topics,
        GroupTimeouts timeouts,
        Set<TopicPartition> owned) {
    public static final int JOINING = 0;

    public Heartbeat {
        topics = Set.copyOf(topics);
        owned = Set.copyOf(owned);
    }
}
