package io.tidemill.replication.controller;

import io.tidemill.TopicSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * From one state of a partition to the next: says what is to be different, and what follows from that.
 *
 * <p>Who may lead, in this order; within each, the leader that there is, then in the order of the replicas:
 * <ol>
 *   <li>the replicas in sync;
 *   <li>where none is left, the eligible ones (KIP-966). As long as fewer than {@link PartitionState#effectiveMinIsr} are in sync,
 *       nothing is committed, so whoever leaves then, or by that falls below it, still has every committed record, until it loses
 *       its tail;
 *   <li>where none of these is left either, whether alive or not, whoever led last: all that had every committed record have lost
 *       their tails, and its copy is as good as any;
 *   <li>where the topic allows unclean elections, anybody.
 * </ol>
 * Whoever is elected by the second or a later rule is the only one in sync. With min.insync.replicas = n, no committed record is lost
 * by n - 1 tails.
 */
final class PartitionChange {
    private final PartitionState from;
    private final int minInsyncReplicas;
    private final boolean isUncleanAllowed;
    private final IntPredicate isActive;

    private Assignment assignment;
    private List<Integer> isr;
    private Set<Integer> tailless = Set.of();
    private boolean isPreferredWanted;

    PartitionChange(PartitionState from, TopicSettings settings, IntPredicate isActive) {
        this.from = from;
        this.minInsyncReplicas = settings.minInsyncReplicas();
        this.isUncleanAllowed = settings.isUncleanLeaderElectionEnabled();
        this.isActive = isActive;
        this.assignment = from.assignment();
        this.isr = from.isr();
    }

    PartitionChange assignment(Assignment newAssignment) {
        this.assignment = newAssignment;
        return this;
    }

    PartitionChange isr(List<Integer> newIsr) {
        this.isr = newIsr;
        return this;
    }

    /** These may lack committed records. */
    PartitionChange tailless(Set<Integer> brokerIds) {
        this.tailless = brokerIds;
        return this;
    }

    /** The first replica is to lead, if it is in sync. */
    PartitionChange preferred() {
        this.isPreferredWanted = true;
        return this;
    }

    /** Null when nothing is different. */
    @Nullable
    PartitionState next() {
        settle(isr.stream().filter(this::isInSync).toList());
        List<Integer> replicas = assignment.replicas();
        List<Integer> inSync = select(replicas, this::isInSync);
        Set<Integer> complete = new TreeSet<>(from.elr());
        complete.addAll(from.isr());
        complete.removeAll(tailless);
        complete.retainAll(replicas);
        int leader = elect(replicas, inSync, complete);
        if (leader != PartitionState.NO_LEADER && !inSync.contains(leader)) {
            if (!complete.contains(leader)) {
                complete.clear();
            }
            inSync = List.of(leader);
            settle(inSync);
        }
        complete.removeAll(inSync);
        boolean mayCommit = inSync.size() >= PartitionState.effectiveMinIsr(assignment, minInsyncReplicas);
        List<Integer> elr = mayCommit ? List.of() : select(assignment.replicas(), complete::contains);
        return follow(leader, inSync, elr);
    }

    /** What moves has arrived when all that are to have it are in sync. */
    private void settle(List<Integer> inSync) {
        List<Integer> target = assignment.target();
        if (assignment.isMoving() && inSync.containsAll(target)) {
            assignment = Assignment.of(target);
        }
    }

    /** An inactive one never is, so each of them may lead. */
    private boolean isInSync(int brokerId) {
        return isr.contains(brokerId) && !tailless.contains(brokerId) && isActive.test(brokerId);
    }

    private int elect(List<Integer> replicas, List<Integer> inSync, Set<Integer> complete) {
        if (isPreferredWanted && inSync.contains(replicas.get(0))) {
            return replicas.get(0);
        }
        if (inSync.contains(from.leader())) {
            return from.leader();
        }
        List<Integer> candidates = new ArrayList<>(inSync);
        if (inSync.isEmpty()) {
            candidates.addAll(select(replicas, id -> complete.contains(id) && isActive.test(id)));
            if (complete.isEmpty()) {
                candidates.addAll(select(replicas, id -> id == from.lastLeader() && isActive.test(id)));
            }
            if (isUncleanAllowed) {
                // Those that are only being added may have nothing at all.
                candidates.addAll(select(assignment.original(), isActive));
                candidates.addAll(select(replicas, isActive));
            }
        }
        return candidates.isEmpty() ? PartitionState.NO_LEADER : candidates.get(0);
    }

    private static List<Integer> select(List<Integer> replicas, IntPredicate predicate) {
        return replicas.stream().filter(predicate::test).toList();
    }

    private @Nullable PartitionState follow(int leader, List<Integer> inSync, List<Integer> elr) {
        // Who goes and comes again later must not be taken for who it was, so the leader begins anew with everybody.
        boolean isAnew = leader != from.leader() || !assignment.replicas().containsAll(from.replicas());
        PartitionState next = new PartitionState(
                assignment,
                inSync,
                elr,
                leader,
                leader == PartitionState.NO_LEADER ? from.lastLeader() : leader,
                from.leaderEpoch() + (isAnew ? 1 : 0),
                from.partitionEpoch());
        return next.equals(from) ? null : next.withPartitionEpoch(from.partitionEpoch() + 1);
    }
}
