package io.tidemill.replication.controller;

import io.tidemill.TopicPartition;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What is asked of the controller. Whoever asks as a broker says its epoch, so that a former incarnation is not taken for it.
 * Names of settings are Kafka's; which there are, and what they may be, the controller says.
 */
public sealed interface ClusterRequest {
    /**
     * A broker is there. Asked again by the same incarnation, nothing changes.
     *
     * @param isTailLost whether records may be gone that it had said to have: its machine crashed, or its disk is another
     */
    record Register(int brokerId, BrokerIncarnation incarnation, boolean isTailLost) implements ClusterRequest {}

    /**
     * A broker lives.
     *
     * @param metadataEpoch how far it has replayed, as {@link ClusterCore#metadataEpoch}
     * @param wantsToStop whether it would like to go, when others lead what it leads
     */
    record Heartbeat(int brokerId, long brokerEpoch, long metadataEpoch, boolean wantsToStop)
            implements ClusterRequest {}

    /** @param topicId which the topic is to have, and no other one ever had: asked again, it is known to be there */
    record CreateTopic(UUID topicId, String name, int partitions, Map<String, String> settings)
            implements ClusterRequest {
        public CreateTopic {
            settings = sorted(settings);
        }
    }

    /**
     * What is not named stays.
     *
     * @param partitions how many from now on, or {@link #SAME_PARTITIONS}
     * @param unset which have the cluster's value again
     */
    record AlterTopic(String name, int partitions, Map<String, String> set, Set<String> unset)
            implements ClusterRequest {
        public static final int SAME_PARTITIONS = -1;

        public AlterTopic {
            set = sorted(set);
            unset = Set.copyOf(unset);
        }
    }

    record DeleteTopic(String name) implements ClusterRequest {}

    /** Of some partitions that the broker leads, others are in sync. Each is decided by itself. */
    record AlterPartitions(int brokerId, long brokerEpoch, List<IsrChange> changes) implements ClusterRequest {
        public AlterPartitions {
            changes = List.copyOf(changes);
        }
    }

    /** Who is in sync, with the epochs of the state that the leader knows. */
    record IsrChange(PartitionId id, int leaderEpoch, int partitionEpoch, List<InSync> isr) {
        public IsrChange {
            isr = List.copyOf(isr);
        }
    }

    /**
     * A replica has what the leader has.
     *
     * @param brokerEpoch of the incarnation that the leader heard this from; another one may have less
     */
    record InSync(int brokerId, long brokerEpoch) {}

    /** Some that nobody else has, or will have. */
    record GiveProducerIds(int brokerId, long brokerEpoch) implements ClusterRequest {}

    /** A partition is to be kept by others. Takes the place of a move that is under way. */
    record Reassign(TopicPartition partition, List<Integer> replicas) implements ClusterRequest {
        public Reassign {
            replicas = List.copyOf(replicas);
        }
    }

    /** Back to those that kept it before. */
    record CancelReassignment(TopicPartition partition) implements ClusterRequest {}

    /** @param partitions which the preferred replica is to lead; none for all that there are */
    record ElectPreferred(List<TopicPartition> partitions) implements ClusterRequest {
        public ElectPreferred {
            partitions = List.copyOf(partitions);
        }
    }

    /** It will not come back. It must keep nothing any more. */
    record RemoveBroker(int brokerId) implements ClusterRequest {}

    /** What holds for the whole cluster. What is not named stays. */
    record AlterSettings(Map<String, String> set, Set<String> unset) implements ClusterRequest {
        public AlterSettings {
            set = sorted(set);
            unset = Set.copyOf(unset);
        }
    }

    private static Map<String, String> sorted(Map<String, String> settings) {
        return Collections.unmodifiableMap(new TreeMap<>(settings));
    }
}
