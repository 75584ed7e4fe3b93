package io.tidemill;

import org.jspecify.annotations.Nullable;

/**
 * Names a partition of a topic.
 *
 * @param topic the topic's name
 * @param partition from 0
 */
public record TopicPartition(String topic, int partition) {
    /** Written out, and so is the hash code: what a record comes with costs a fresh JVM 20 ms at its first use. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TopicPartition that && partition == that.partition && topic.equals(that.topic);
    }

    @Override
    public int hashCode() {
        return 31 * topic.hashCode() + partition;
    }

    /** As Kafka writes it: {@code orders-0}. */
    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
