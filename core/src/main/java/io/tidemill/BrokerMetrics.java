package io.tidemill;

import java.util.List;

/**
 * What a broker's parts tell of themselves. The lists are those of one moment; what is in them goes on telling.
 *
 * @param lanes all
 * @param partitions of all topics, among them the broker's own, {@code __cluster_metadata}
 */
public record BrokerMetrics(List<LaneMetrics> lanes, List<PartitionMetrics> partitions) {
    /** Copies. */
    public BrokerMetrics {
        lanes = List.copyOf(lanes);
        partitions = List.copyOf(partitions);
    }
}
