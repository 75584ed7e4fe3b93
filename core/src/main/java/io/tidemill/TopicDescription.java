package io.tidemill;

import java.util.List;
import java.util.UUID;

/**
 * What a topic is like at one moment.
 *
 * @param name its name
 * @param id tells it from an earlier or later topic of that name
 * @param settings its settings, which know where each value is from
 * @param partitions each, by its number
 */
public record TopicDescription(String name, UUID id, TopicSettings settings, List<PartitionDescription> partitions) {
    /** Copies. */
    public TopicDescription {
        partitions = List.copyOf(partitions);
    }

    /**
     * What a partition is like.
     *
     * @param partition its number, from 0
     * @param startOffset of the first record that can be read
     * @param endOffset exclusive: of the next record that can be read, once it is there
     */
    public record PartitionDescription(int partition, long startOffset, long endOffset) {}
}
