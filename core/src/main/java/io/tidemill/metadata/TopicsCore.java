package io.tidemill.metadata;

import io.tidemill.TopicSettings;
import io.tidemill.errors.InvalidTopicException;
import io.tidemill.errors.TopicExistsException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which topics there are. Decides what may happen and says it as an event; {@link #replay} is the only thing that
 * changes the state, for new events as for those read back from the log. Owned by whoever holds the broker's lock.
 */
public final class TopicsCore {
    /** The log that holds the events, named as Kafka's. */
    public static final String METADATA_TOPIC = "__cluster_metadata";

    /** Those that the broker keeps for itself, by Kafka's names. */
    private static final Set<String> INTERNAL =
            Set.of("__consumer_offsets", "__share_group_state", "__transaction_state");

    private static final int NAME_LENGTH_MAX = 249;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]+");

    private final Map<String, TopicRecord> byName = new LinkedHashMap<>();
    /** How many partitions a topic had that is gone; the most, if there were several of one name. */
    private final Map<String, Integer> removed = new HashMap<>();

    /** Whether the broker keeps it for itself: others may read it, and change how it is kept. */
    public static boolean isInternal(String name) {
        return INTERNAL.contains(name);
    }

    /**
     * Refuses to let a user write into, create or delete what is the broker's.
     *
     * @throws InvalidTopicException when it is internal
     */
    public static void requireNotInternal(String name) {
        if (isInternal(name)) {
            throw new InvalidTopicException("topic is internal, and written by the broker alone: name=" + name);
        }
    }

    /** The event to append so that the topic comes to be. */
    public TopicRecord create(UUID id, String name, TopicSettings settings) {
        requireValidName(name);
        TopicRecord existing = byName.get(name);
        if (existing != null) {
            throw new TopicExistsException("topic exists: name=" + name + ", settings=" + existing.settings());
        }
        return new TopicRecord(id, name, settings);
    }

    private static void requireValidName(String name) {
        if (name.isEmpty() || name.length() > NAME_LENGTH_MAX) {
            throw new InvalidTopicException("topic name must have 1 to " + NAME_LENGTH_MAX + " characters: length="
                    + name.length() + ", name=" + name);
        }
        if (name.equals(".") || name.equals("..")) {
            throw new InvalidTopicException("topic name must not be \".\" or \"..\": name=" + name);
        }
        if (!NAME.matcher(name).matches()) {
            throw new InvalidTopicException(
                    "topic name may have only the characters a-z, A-Z, 0-9, '.', '_' and '-': name=" + name);
        }
        if (name.equals(METADATA_TOPIC)) {
            throw new InvalidTopicException("topic name is reserved: name=" + name);
        }
    }

    /**
     * The event to append so that the topic has other settings.
     *
     * @throws IllegalArgumentException when partitions would be taken away: their records would be lost
     */
    public TopicRecord change(TopicRecord topic, TopicSettings settings) {
        int partitions = topic.settings().partitions();
        if (settings.partitions() < partitions) {
            throw new IllegalArgumentException("partitions cannot be taken away: topic=" + topic.name()
                    + ", partitions=" + partitions + ", asked=" + settings.partitions());
        }
        if (settings.partitions() > partitions && isInternal(topic.name())) {
            throw new InvalidTopicException("partitions of an internal topic stay as many: name=" + topic.name());
        }
        return topic.with(settings);
    }

    /** The event to append so that the topic is gone. */
    public TopicRemoval remove(TopicRecord topic) {
        return new TopicRemoval(topic.id());
    }

    public void replay(MetadataEvent event) {
        if (event instanceof TopicRecord topic) {
            byName.put(topic.name(), topic);
        } else if (event instanceof TopicRemoval removal) {
            forget(removal.id());
        }
    }

    private void forget(UUID id) {
        for (TopicRecord topic : all()) {
            if (topic.id().equals(id)) {
                byName.remove(topic.name());
                removed.merge(topic.name(), topic.settings().partitions(), Math::max);
            }
        }
    }

    /** Whether a topic of that name had such a partition, and there is none now. */
    public boolean isRemoved(String name, int partition) {
        TopicRecord topic = byName.get(name);
        return partition < removed.getOrDefault(name, 0)
                && (topic == null || partition >= topic.settings().partitions());
    }

    public @Nullable TopicRecord find(String name) {
        return byName.get(name);
    }

    /** In the order of their creation. */
    public List<TopicRecord> all() {
        return List.copyOf(byName.values());
    }
}
