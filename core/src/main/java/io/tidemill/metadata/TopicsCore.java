package io.tidemill.metadata;

import io.tidemill.TopicSettings;
import io.tidemill.errors.InvalidTopicException;
import io.tidemill.errors.TopicExistsException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    private static final int NAME_LENGTH_MAX = 249;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]+");

    private final Map<String, TopicRecord> byName = new LinkedHashMap<>();

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

    public void replay(TopicRecord event) {
        byName.put(event.name(), event);
    }

    public @Nullable TopicRecord find(String name) {
        return byName.get(name);
    }

    /** In the order of their creation. */
    public List<TopicRecord> all() {
        return List.copyOf(byName.values());
    }
}
