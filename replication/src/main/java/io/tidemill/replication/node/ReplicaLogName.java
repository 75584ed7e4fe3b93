package io.tidemill.replication.node;

import io.tidemill.metadata.TopicRecord;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What the log of a partition is called in the store of a broker that keeps it: {@code <topic>.<id>-<partition>}. The topic's id is
 * in it, because a topic may take the name of one that was deleted; of a long name it has the beginning.
 */
final class ReplicaLogName {
    /** A log's name and those of the files beside it have at most 255 letters. */
    private static final int TOPIC_LENGTH_MAX = 190;

    private static final Pattern PATTERN = Pattern.compile(".+\\.[0-9a-f]{32}-\\d+");

    private ReplicaLogName() {}

    static String of(TopicRecord topic, int partition) {
        return of(topic.name(), topic.id(), partition);
    }

    static String of(String topic, UUID id, int partition) {
        String beginning = topic.substring(0, Math.min(topic.length(), TOPIC_LENGTH_MAX));
        return "%s.%016x%016x-%d"
                .formatted(beginning, id.getMostSignificantBits(), id.getLeastSignificantBits(), partition);
    }

    /** Whether a log of that name is one of a partition of a cluster. */
    static boolean isOne(String log) {
        return PATTERN.matcher(log).matches();
    }
}
