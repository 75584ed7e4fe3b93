package io.tidemill.replication.controller;

import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterEvent.PartitionChanged;
import io.tidemill.replication.controller.ClusterRequest.CancelReassignment;
import io.tidemill.replication.controller.ClusterRequest.Reassign;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Who is to keep a partition. */
final class Reassignments {
    private final ClusterState state;
    private final PartitionDecisions partitions;

    Reassignments(ClusterState state, PartitionDecisions partitions) {
        this.state = state;
        this.partitions = partitions;
    }

    Decision reassign(Reassign request) {
        PartitionId id = state.topics().require(request.partition());
        requireValid(request.replicas());
        return move(id, partitions.state(id).assignment().movingTo(request.replicas()));
    }

    private void requireValid(List<Integer> replicas) {
        if (replicas.isEmpty() || new HashSet<>(replicas).size() < replicas.size()) {
            throw new RefusedException(
                    Refusal.INVALID_REPLICA_ASSIGNMENT,
                    "replicas must be some brokers, each of them once: replicas=" + replicas);
        }
        for (int brokerId : replicas) {
            if (state.brokers().find(brokerId) == null) {
                throw new RefusedException(
                        Refusal.INVALID_REPLICA_ASSIGNMENT,
                        "no such broker: brokerId=" + brokerId + ", replicas=" + replicas);
            }
        }
    }

    Decision cancel(CancelReassignment request) {
        PartitionId id = state.topics().require(request.partition());
        Assignment assignment = partitions.state(id).assignment();
        if (!assignment.isMoving()) {
            throw new RefusedException(
                    Refusal.NO_REASSIGNMENT_IN_PROGRESS, "partition does not move: partition=" + request.partition());
        }
        return move(id, Assignment.of(assignment.original()));
    }

    private Decision move(PartitionId id, Assignment assignment) {
        PartitionState partition = partitions.state(id);
        boolean isUncleanAllowed = partitions.settings(id).isUncleanLeaderElectionEnabled();
        if (!isUncleanAllowed && complete(partition).stream().noneMatch(assignment.replicas()::contains)) {
            throw new RefusedException(
                    Refusal.INVALID_REPLICA_ASSIGNMENT,
                    "none of the replicas would have every committed record: replicas=" + assignment.replicas()
                            + ", complete=" + complete(partition));
        }
        PartitionState next = partitions.change(id).assignment(assignment).next();
        List<ClusterEvent> events = next == null ? List.of() : List.of(new PartitionChanged(id, next));
        return new Decision(events, new Done());
    }

    /** Those that have every committed record, or as much of that as there is. */
    private static List<Integer> complete(PartitionState partition) {
        List<Integer> complete = new ArrayList<>(partition.isr());
        complete.addAll(partition.elr());
        if (complete.isEmpty()) {
            complete.add(partition.lastLeader());
        }
        return complete;
    }
}
