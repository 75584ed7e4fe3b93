package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import io.tidemill.groups.coordinator.GroupEvent.Committed;
import io.tidemill.groups.coordinator.GroupEvent.Forgotten;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How far a group has read. Changed by {@link GroupCore#replay} only. */
final class OffsetsCore {
    private final Map<TopicPartition, CommittedOffset> offsets = new HashMap<>();

    void replay(Committed event) {
        offsets.put(event.partition(), event.committed());
    }

    void replay(Forgotten event) {
        offsets.remove(event.partition());
    }

    @Nullable
    CommittedOffset find(TopicPartition partition) {
        return offsets.get(partition);
    }

    Map<TopicPartition, CommittedOffset> all() {
        return Collections.unmodifiableMap(offsets);
    }

    /**
     * Those that nobody needs any more: of topics that are gone, and of those that nobody in the group has wanted for a while.
     *
     * @param wanted by members that there are now
     * @param wantedSinceMs since when that is so
     */
    Set<TopicPartition> expired(Set<String> wanted, long wantedSinceMs, Moment moment, long retentionMs) {
        Map<TopicPartition, CommittedOffset> expired = new TreeMap<>(GroupEventLayout.PARTITION_ORDER);
        offsets.forEach((partition, committed) -> {
            String topic = partition.topic();
            long unusedSinceMs = Math.max(committed.timeMs(), wantedSinceMs);
            boolean isUnused = !wanted.contains(topic) && moment.epochMs() - unusedSinceMs >= retentionMs;
            if (isUnused || !moment.topics().containsKey(topic)) {
                expired.put(partition, committed);
            }
        });
        return expired.keySet();
    }
}
