package io.tidemill.replication.controller;

import io.tidemill.metadata.TopicRecord;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that a cluster knows, in place of the events that led there.
 *
 * @param metadataEpoch how many decisions those were
 */
public record ClusterSnapshot(
        long metadataEpoch,
        long nextProducerId,
        Map<String, String> settings,
        List<BrokerRegistration> brokers,
        List<TopicState> topics) {
    public ClusterSnapshot {
        settings = Collections.unmodifiableMap(new TreeMap<>(settings));
        brokers = List.copyOf(brokers);
        topics = List.copyOf(topics);
    }

    /** A topic with its partitions, each by its number. */
    public record TopicState(TopicRecord topic, List<PartitionState> partitions) {
        public TopicState {
            partitions = List.copyOf(partitions);
        }
    }

    /** Nothing has happened. */
    public static ClusterSnapshot empty() {
        return new ClusterSnapshot(0, 0, Map.of(), List.of(), List.of());
    }
}
