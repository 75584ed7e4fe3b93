package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import io.tidemill.broker.Incarnation;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A member, as the events say it.
 *
 * @param id given by itself, another one for each time it joins as somebody new
 * @param home the broker that it lives in
 * @param instanceId of a static member; null for others
 * @param topics those that it wants, whether they exist or not
 * @param timeouts how long it may be silent
 * @param epoch up to which rebalance it has followed; {@link #AWAY} while a static member is expected back
 * @param formerEpoch the one before, which it goes on naming if it did not hear of the new one
 * @param target what it is to have by the last rebalance
 * @param assigned what it may read
 * @param revoked what it was told to give up, and has not yet said that it did
 */
public record Member(
        String id,
        Incarnation home,
        @Nullable String instanceId,
        Set<String> topics,
        GroupTimeouts timeouts,
        int epoch,
        int formerEpoch,
        Set<TopicPartition> target,
        Set<TopicPartition> assigned,
        Set<TopicPartition> revoked) {
    public static final int AWAY = -2;

    public Member {
        topics = Set.copyOf(topics);
        target = Set.copyOf(target);
        assigned = Set.copyOf(assigned);
        revoked = Set.copyOf(revoked);
    }

    static Member joining(Heartbeat said) {
        return new Member(
                said.memberId(),
                said.home(),
                said.instanceId(),
                said.topics(),
                said.timeouts(),
                0,
                0,
                Set.of(),
                Set.of(),
                Set.of());
    }

    /** Whether it is a static one that is expected back. */
    public boolean isAway() {
        return epoch == AWAY;
    }

    /** Whether nobody else may read it. */
    public boolean owns(TopicPartition partition) {
        return assigned.contains(partition) || revoked.contains(partition);
    }

    /** All that nobody else may read. */
    Set<TopicPartition> owned() {
        Set<TopicPartition> owned = new HashSet<>(assigned);
        owned.addAll(revoked);
        return owned;
    }

    /** What it says of itself, but for what it has. */
    Member wanting(Heartbeat said) {
        return new Member(
                id,
                said.home(),
                instanceId,
                said.topics(),
                said.timeouts(),
                epoch,
                formerEpoch,
                target,
                assigned,
                revoked);
    }

    Member aimingAt(Set<TopicPartition> newTarget) {
        return new Member(id, home, instanceId, topics, timeouts, epoch, formerEpoch, newTarget, assigned, revoked);
    }

    Member away() {
        return new Member(id, home, instanceId, topics, timeouts, AWAY, AWAY, target, Set.of(), Set.of());
    }

    /** It has nothing, and waits to be given what it is to have; under another id if it is one that was away. */
    Member emptyHanded(String newId) {
        return new Member(newId, home, instanceId, topics, timeouts, 0, 0, target, Set.of(), Set.of());
    }

    /** It is to give up what it is not to have. */
    Member revoking(Set<TopicPartition> kept, Set<TopicPartition> given) {
        return new Member(id, home, instanceId, topics, timeouts, epoch, formerEpoch, target, kept, given);
    }

    /** It gave up what it was told to. */
    Member released() {
        return new Member(id, home, instanceId, topics, timeouts, epoch, formerEpoch, target, assigned, Set.of());
    }

    Member advanced(int newEpoch, Set<TopicPartition> newAssigned) {
        int former = newEpoch == epoch ? formerEpoch : epoch;
        return new Member(id, home, instanceId, topics, timeouts, newEpoch, former, target, newAssigned, revoked);
    }
}
