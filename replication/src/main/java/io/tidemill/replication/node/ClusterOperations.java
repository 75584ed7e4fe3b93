package io.tidemill.replication.node;

import io.tidemill.TopicPartition;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.controller.ClusterAnswer.DoneExcept;
import io.tidemill.replication.controller.ClusterAnswer.RefusedPartition;
import io.tidemill.replication.controller.ClusterCore;
import io.tidemill.replication.controller.ClusterRequest.AlterSettings;
import io.tidemill.replication.controller.ClusterRequest.CancelReassignment;
import io.tidemill.replication.controller.ClusterRequest.ElectPreferred;
import io.tidemill.replication.controller.ClusterRequest.Reassign;
import io.tidemill.replication.controller.ClusterRequest.RemoveBroker;
import io.tidemill.replication.controller.PartitionId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What operators of a cluster want. Any thread, but none of the broker's own. */
public final class ClusterOperations {
    private final ControllerCalls calls;
    private final Duration patience;
    /** The lane thread's. */
    private final ClusterCore core;

    ClusterOperations(ControllerCalls calls, Duration patience, ClusterCore core) {
        this.calls = calls;
        this.patience = patience;
        this.core = core;
    }

    public void reassign(TopicPartition partition, List<Integer> replicas) {
        calls.require(new Reassign(partition, replicas));
    }

    public void cancelReassignment(TopicPartition partition) {
        calls.require(new CancelReassignment(partition));
    }

    /** Those that are led by others yet. */
    public Set<TopicPartition> electPreferredLeaders(List<TopicPartition> partitions) {
        if (calls.require(new ElectPreferred(partitions)) instanceof DoneExcept done) {
            return calls.known(() -> names(done.refused()));
        }
        throw new IllegalStateException("the controller answers something else: partitions=" + partitions);
    }

    private Set<TopicPartition> names(List<RefusedPartition> refused) {
        Set<TopicPartition> names = new HashSet<>();
        for (RefusedPartition one : refused) {
            PartitionId id = one.id();
            for (TopicRecord topic : core.topics()) {
                if (topic.id().equals(id.topicId())) {
                    names.add(new TopicPartition(topic.name(), id.index()));
                }
            }
        }
        return names;
    }

    public void alterSettings(Map<String, String> set, Set<String> unset) {
        calls.require(new AlterSettings(set, unset));
    }

    public Map<String, String> settings() {
        calls.untilReady(patience);
        return calls.known(core::settings);
    }

    public void removeBroker(int brokerId) {
        calls.require(new RemoveBroker(brokerId));
    }
}
