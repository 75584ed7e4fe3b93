package io.tidemill.replication.controller;

import io.tidemill.metadata.MetadataEvent;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Something that happened to the cluster. What a request comes to is one entry of the metadata log: all of its events, or none. */
public sealed interface ClusterEvent {
    /** A broker is a new incarnation from now on, and fenced until it has caught up. */
    record BrokerRegistered(int brokerId, long epoch, BrokerIncarnation incarnation) implements ClusterEvent {}

    /** It may not lead or be in sync: it was silent for too long, or has stopped. */
    record BrokerFenced(int brokerId) implements ClusterEvent {}

    /** It may again. */
    record BrokerUnfenced(int brokerId) implements ClusterEvent {}

    /** It is about to stop, and leads nothing any more. */
    record BrokerShuttingDown(int brokerId) implements ClusterEvent {}

    /** It is none any more, and keeps nothing. */
    record BrokerRemoved(int brokerId) implements ClusterEvent {}

    /** As on a broker that is in no cluster. */
    record TopicEvent(MetadataEvent event) implements ClusterEvent {}

    /** A partition is so from now on. */
    record PartitionChanged(PartitionId id, PartitionState state) implements ClusterEvent {}

    /** All below are given. */
    record ProducerIdsGiven(long nextProducerId) implements ClusterEvent {}

    /** What is set for the whole cluster: this and nothing else. */
    record ClusterSettingsChanged(Map<String, String> settings) implements ClusterEvent {
        public ClusterSettingsChanged {
            settings = Collections.unmodifiableMap(new TreeMap<>(settings));
        }
    }
}
