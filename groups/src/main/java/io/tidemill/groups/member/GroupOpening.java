package io.tidemill.groups.member;

import io.tidemill.Broker;
import io.tidemill.Serde;
import io.tidemill.Topic;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import java.util.List;

/** Makes members. */
public final class GroupOpening {
    private GroupOpening() {}

    /** One that is a member at once. */
    public static <K, V> ConsumerGroup<K, V> join(Topic<K, V> topic, String group, GroupSettings settings) {
        ConsumerGroup<K, V> member = open(topic.broker(), group, topic.keySerde(), topic.valueSerde(), settings);
        try {
            member.subscribe(List.of(topic.name()));
            return member;
        } catch (Throwable e) {
            try {
                member.close();
            } catch (RuntimeException onClose) {
                e.addSuppressed(onClose);
            }
            throw e;
        }
    }

    /** One that wants nothing yet. */
    public static <K, V> ConsumerGroup<K, V> open(
            Broker broker, String group, Serde<K> keySerde, Serde<V> valueSerde, GroupSettings settings) {
        if (group.isEmpty()) {
            throw new IllegalArgumentException("group.id must not be empty");
        }
        return new GroupConsumer<>(broker, group, keySerde, valueSerde, settings);
    }
}
