package io.tidemill.replication.node;

import io.tidemill.TopicPartition;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.BrokerState;
import io.tidemill.replication.ClusterDescription.Liveness;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import io.tidemill.replication.controller.BrokerIncarnation;
import io.tidemill.replication.controller.BrokerRegistration;
import io.tidemill.replication.controller.ClusterCore;
import io.tidemill.replication.controller.PartitionId;
import io.tidemill.replication.controller.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Tells what is known of a cluster to people. */
final class Describing {
    private Describing() {}

    static ClusterDescription describe(ClusterCore core, int controllerId) {
        List<PartitionReplicas> partitions = new ArrayList<>();
        for (TopicRecord topic : core.topics()) {
            for (int i = 0; i < topic.settings().partitions(); i++) {
                PartitionState state = Objects.requireNonNull(core.partition(new PartitionId(topic.id(), i)));
                partitions.add(new PartitionReplicas(
                        new TopicPartition(topic.name(), i),
                        state.leader(),
                        state.leaderEpoch(),
                        state.replicas(),
                        state.isr()));
            }
        }
        List<BrokerState> brokers =
                core.brokers().stream().map(broker -> state(broker, partitions)).toList();
        return new ClusterDescription(controllerId, core.metadataEpoch(), brokers, partitions);
    }

    private static BrokerState state(BrokerRegistration broker, List<PartitionReplicas> partitions) {
        int leads = 0;
        int keeps = 0;
        for (PartitionReplicas partition : partitions) {
            leads += partition.leader() == broker.id() ? 1 : 0;
            keeps += partition.replicas().contains(broker.id()) ? 1 : 0;
        }
        Liveness liveness =
                broker.isFenced() ? Liveness.FENCED : broker.isStopping() ? Liveness.STOPPING : Liveness.ACTIVE;
        BrokerIncarnation incarnation = broker.incarnation();
        return new BrokerState(
                broker.id(),
                incarnation.address(),
                incarnation.rack(),
                incarnation.startedMs(),
                liveness,
                broker.epoch(),
                leads,
                keeps - leads);
    }
}
