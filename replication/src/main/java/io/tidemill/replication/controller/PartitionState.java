package io.tidemill.replication.controller;

import java.util.List;

/**
 * Who keeps and who leads a partition.
 *
 * @param isr the replicas in sync: each has every committed record, and each is active. Empty when nobody leads
 * @param elr Kafka's eligible leader replicas (KIP-966): in sync no more, but each has every committed record, as nothing was
 *     committed since they left
 * @param leader one of the isr, or {@link #NO_LEADER}
 * @param lastLeader the leader, or who was it last
 * @param leaderEpoch rises whenever the leader is another or none, and when a replica goes
 * @param partitionEpoch rises with every change
 */
public record PartitionState(
        Assignment assignment,
        List<Integer> isr,
        List<Integer> elr,
        int leader,
        int lastLeader,
        int leaderEpoch,
        int partitionEpoch) {
    public static final int NO_LEADER = -1;

    public PartitionState {
        isr = List.copyOf(isr);
        elr = List.copyOf(elr);
    }

    /** New: all have everything, and the first one leads. */
    static PartitionState created(List<Integer> replicas) {
        int leader = replicas.get(0);
        return new PartitionState(Assignment.of(replicas), replicas, List.of(), leader, leader, 0, 0);
    }

    /** The same, and yet another: what was asked for before has come too late. */
    PartitionState anew() {
        return withPartitionEpoch(partitionEpoch + 1);
    }

    PartitionState withPartitionEpoch(int epoch) {
        return new PartitionState(assignment, isr, elr, leader, lastLeader, leaderEpoch, epoch);
    }

    public List<Integer> replicas() {
        return assignment.replicas();
    }

    public boolean hasLeader() {
        return leader != NO_LEADER;
    }

    /**
     * How many replicas must be in sync for the high watermark to move: what the topic wants, but not more than the partition is
     * to have, or had before it began to move. What is eligible to lead rests on the leader obeying this.
     */
    public int effectiveMinIsr(int minInsyncReplicas) {
        return effectiveMinIsr(assignment, minInsyncReplicas);
    }

    static int effectiveMinIsr(Assignment assignment, int minInsyncReplicas) {
        return Math.min(minInsyncReplicas, assignment.original().size());
    }
}
