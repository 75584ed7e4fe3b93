package io.tidemill;

/**
 * A partition of a topic.
 *
 * @param topic its name
 * @param partition from 0
 */
public record TopicPartition(String topic, int partition) {
    /** Validates. */
    public TopicPartition {
        if (partition < 0) {
            throw new IllegalArgumentException("partition must not be negative: partition=" + partition);
        }
    }

    /** As Kafka writes it. */
    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
