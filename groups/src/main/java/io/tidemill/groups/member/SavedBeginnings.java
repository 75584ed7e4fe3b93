package io.tidemill.groups.member;

import io.tidemill.TopicPartition;
import io.tidemill.groups.OffsetOwner;
import io.tidemill.groups.OffsetStore;
import io.tidemill.groups.local.TopicsView;
import io.tidemill.lane.OpenTopic;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where the application has saved that it has read to. All that the member has is taken over in each epoch, also what it had before:
 * it saves as what it is now. Used under the member's lock.
 */
final class SavedBeginnings implements Beginnings {
    private final OffsetStore store;
    private final TopicsView topics;
    private final Membership membership;
    /** What it took over as that owner; another id if the topic was deleted and created again. */
    private final Map<TopicPartition, UUID> taken = new HashMap<>();

    private @Nullable OffsetOwner takenAs;

    SavedBeginnings(OffsetStore store, TopicsView topics, Membership membership) {
        this.store = store;
        this.topics = topics;
        this.membership = membership;
    }

    @Override
    public Map<TopicPartition, Long> positions(Set<TopicPartition> owned, Set<TopicPartition> added) {
        OffsetOwner owner = membership.owner();
        if (!owner.equals(takenAs)) {
            taken.clear();
            takenAs = owner;
        }
        Map<TopicPartition, UUID> wanted = ids(owned);
        taken.keySet().retainAll(wanted.keySet());
        wanted.entrySet().removeAll(taken.entrySet());
        Map<TopicPartition, Long> positions = wanted.isEmpty() ? Map.of() : store.takeOver(owner, wanted);
        taken.putAll(wanted);
        return positions;
    }

    private Map<TopicPartition, UUID> ids(Set<TopicPartition> partitions) {
        Map<TopicPartition, UUID> ids = new HashMap<>();
        for (TopicPartition partition : partitions) {
            OpenTopic topic = topics.find(partition.topic());
            if (topic != null) {
                ids.put(partition, topic.id());
            }
        }
        return ids;
    }
}
