package io.tidemill.groups;

import io.tidemill.TopicPartition;
import io.tidemill.errors.FencedOffsetException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Keeps positions in a map. Thread-safe. */
final class MemoryOffsetStore implements OffsetStore {
    private record Key(String group, TopicPartition partition) {}

    private record Entry(
            OffsetOwner owner, UUID topicId, @Nullable Long nextOffset) {}

    private final Map<Key, Entry> entries = new HashMap<>();

    @Override
    public synchronized Map<TopicPartition, Long> takeOver(OffsetOwner owner, Map<TopicPartition, UUID> partitions) {
        Map<Key, Entry> taken = new HashMap<>();
        Map<TopicPartition, Long> known = new HashMap<>();
        partitions.forEach((partition, topicId) -> {
            Key key = new Key(owner.group(), partition);
            Entry entry = entries.get(key);
            if (entry == null) {
                entry = new Entry(owner, topicId, null);
            } else if (entry.owner().epoch() >= owner.epoch() && !entry.owner().equals(owner)) {
                throw new FencedOffsetException("a later owner has the partition: partition=" + partition + ", has="
                        + entry.owner() + ", wants=" + owner + "; of a new group: call delete(\"" + owner.group()
                        + "\") once");
            }
            if (!entry.topicId().equals(topicId)) {
                entry = new Entry(owner, topicId, null);
            }
            taken.put(key, new Entry(owner, topicId, entry.nextOffset()));
            if (entry.nextOffset() != null) {
                known.put(partition, entry.nextOffset());
            }
        });
        entries.putAll(taken);
        return known;
    }

    synchronized void save(OffsetOwner owner, Map<TopicPartition, Long> nextOffsets) {
        Map<Key, Entry> saved = new HashMap<>();
        nextOffsets.forEach((partition, nextOffset) -> {
            Key key = new Key(owner.group(), partition);
            Entry entry = entries.get(key);
            if (entry == null || !entry.owner().equals(owner)) {
                throw new FencedOffsetException(
                        "the partition is another's: partition=" + partition + ", saves=" + owner);
            }
            saved.put(key, new Entry(owner, entry.topicId(), nextOffset));
        });
        entries.putAll(saved);
    }

    synchronized void delete(String group) {
        entries.keySet().removeIf(key -> key.group().equals(group));
    }
}
