package io.tidemill.replication.replica;

import io.tidemill.lane.Partition;
import io.tidemill.replication.controller.ClusterRequest.InSync;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import io.tidemill.replication.controller.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which replicas are in sync, as their leader knows: those that the controller says, and those that it was asked to add and may have
 * added by now. What all of these have may be committed, as long as they are enough.
 *
 * <p>Owned by the lane thread.
 */
final class SyncedReplicas {
    private final ReplicaPlace place;
    private final Partition partition;
    private final ReplicaLog log;
    /** The leader's. */
    private final Int2ObjectHashMap<FollowerProgress> followers;
    /** Exclusive; what the leader had when it became that. All that was ever committed is in it, whatever it knows of that. */
    private final long inheritedEnd;

    private PartitionState state;
    /** What the controller was asked for, and may do or have done; null for nothing. */
    private @Nullable IsrChange asked;
    /** It was refused, and may be done yet: it was asked for more than once. */
    private boolean isInDoubt;
    /** The controller was asked to say anew what there is. */
    private boolean isAskedAnew;
    /** All that count, but for the leader. */
    private int[] counted;

    SyncedReplicas(
            ReplicaPlace place, ReplicaLog log, Int2ObjectHashMap<FollowerProgress> followers, PartitionState state) {
        this.place = place;
        this.partition = place.partition();
        this.log = log;
        this.followers = followers;
        this.inheritedEnd = log.endOffset();
        this.state = state;
        this.counted = count();
    }

    /** The controller says something else. */
    void onState(PartitionState newState) {
        state = newState;
        isInDoubt = false;
        isAskedAnew = false;
        askFor(null);
    }

    private void askFor(@Nullable IsrChange change) {
        asked = change;
        counted = count();
    }

    /**
     * The controller does not do what it was asked for.
     *
     * @param isLast whether it will not do so later either
     */
    void onRefused(boolean isLast) {
        if (isLast && !isInDoubt) {
            askFor(null);
        } else {
            isInDoubt = true;
            isAskedAnew = false;
        }
    }

    /**
     * Asks for what there is, if it is in doubt whether that stays: when the controller says that anew, nothing else can come of it. From
     * time to time: that may be refused, too.
     */
    void askForClarity() {
        if (isInDoubt && !isAskedAnew) {
            isAskedAnew = true;
            place.inSync().change(change(state.isr()));
        }
    }

    private int[] count() {
        IntStream wished =
                asked == null ? IntStream.empty() : asked.isr().stream().mapToInt(InSync::brokerId);
        return IntStream.concat(state.isr().stream().mapToInt(Integer::intValue), wished)
                .filter(replica -> replica != place.selfId())
                .distinct()
                .toArray();
    }

    int size() {
        return state.isr().size();
    }

    /** Whether they are as many as the topic wants, by what the controller has said. */
    boolean areEnough() {
        return size() >= state.effectiveMinIsr(partition.settings().minInsyncReplicas());
    }

    /** Exclusive; up to where all of them have everything. */
    long commonEnd() {
        long least = log.settledEndOffset();
        for (int replica : counted) {
            FollowerProgress follower = followers.get(replica);
            least = Math.min(least, follower == null ? FollowerProgress.UNKNOWN : follower.ackedOffset());
        }
        return least;
    }

    /**
     * Asks that a follower is one of them, if it is not and could be: if it has all that is committed. A leader that has started again
     * does not know how much that is while too few are in sync, so it counts all that it began with.
     */
    void askToAdd(FollowerProgress follower) {
        if (follower.isFollowing()
                && !state.isr().contains(follower.brokerId())
                && follower.ackedOffset() >= Math.max(inheritedEnd, partition.committedAcquire())) {
            List<Integer> larger = new ArrayList<>(state.isr());
            larger.add(follower.brokerId());
            ask(larger);
        }
    }

    /** Asks that those are not who have not had everything for too long. */
    void askToDropThoseBehind(long nowNs) {
        List<Integer> remaining = state.isr().stream()
                .filter(replica -> replica == place.selfId() || !isBehind(replica, nowNs))
                .toList();
        if (remaining.size() < state.isr().size()) {
            ask(remaining);
        }
    }

    private boolean isBehind(int replica, long nowNs) {
        // Whoever is in sync is a replica.
        FollowerProgress follower = Objects.requireNonNull(followers.get(replica));
        boolean isCaughtUp = follower.isFollowing() && follower.ackedOffset() == log.endOffset();
        return !isCaughtUp && nowNs - follower.caughtUpNs() >= place.settings().replicaLagTimeMaxNs();
    }

    /** One thing at a time: what comes of a second wish would depend on the first. */
    private void ask(List<Integer> isr) {
        if (asked == null) {
            IsrChange change = change(isr);
            askFor(change);
            place.inSync().change(change);
        }
    }

    private IsrChange change(List<Integer> isr) {
        List<InSync> members = new ArrayList<>();
        for (int replica : isr) {
            FollowerProgress follower = followers.get(replica);
            members.add(new InSync(replica, follower == null ? place.selfEpoch().getAsLong() : follower.brokerEpoch()));
        }
        return new IsrChange(place.id(), state.leaderEpoch(), state.partitionEpoch(), members);
    }
}
