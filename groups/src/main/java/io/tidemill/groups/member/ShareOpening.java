package io.tidemill.groups.member;

import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.groups.ShareGroup;
import io.tidemill.groups.ShareGroupSettings;
import io.tidemill.metadata.TopicsCore;

/** Makes members of share groups. */
public final class ShareOpening {
    private ShareOpening() {}

    /** One that is a member at once. */
    public static <K, V> ShareGroup<K, V> join(Topic<K, V> topic, String group, ShareGroupSettings settings) {
        if (group.isEmpty()) {
            throw new IllegalArgumentException("group.id must not be empty");
        }
        // Creates it, where the broker does that, or throws.
        topic.broker().topic(topic.name(), Serdes.bytes(), Serdes.bytes());
        String deadLetterTopic = settings.deadLetterTopic();
        if (deadLetterTopic != null) {
            if (deadLetterTopic.equals(topic.name())) {
                throw new IllegalArgumentException(
                        "dead letters would be shared again: deadLetterTopic=" + deadLetterTopic + ", group=" + group);
            }
            TopicsCore.requireNotInternal(deadLetterTopic);
            topic.broker().topic(deadLetterTopic, Serdes.bytes(), Serdes.bytes());
        }
        return new ShareConsumer<>(topic, group, settings);
    }
}
