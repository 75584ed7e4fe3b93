package io.tidemill.groups.member;

import io.tidemill.TopicPartition;
import io.tidemill.consumer.TopicConsumer;
import io.tidemill.errors.FencedInstanceIdException;
import io.tidemill.errors.UnreleasedInstanceIdException;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.RebalanceListener;
import io.tidemill.groups.coordinator.HeartbeatReply;
import io.tidemill.groups.coordinator.HeartbeatReply.Assigned;
import io.tidemill.groups.coordinator.HeartbeatReply.Refused;
import io.tidemill.groups.coordinator.Refusal;
import io.tidemill.groups.local.LocalCoordinator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Which partitions a member reads: it is led there by the coordinator, step by step. What it is to give up it reads no more, and
 * its listener has heard of it, before the coordinator hears that it is given up. Used under the member's lock.
 */
final class Reading {
    private final ConsumerGroup<?, ?> member;
    private final RebalanceListener listener;
    private final LocalCoordinator coordinator;
    private final Membership membership;
    private final Commits commits;
    private final Beginnings beginnings;
    private final AutoCommit autoCommit;
    private final TopicConsumer<?, ?> consumer;
    private final FirstFailure failure = new FirstFailure();
    private UnaryOperator<Set<String>> wanted = existing -> Set.of();
    private Set<TopicPartition> owned = Set.of();
    /** What it has, and the listener has not heard of yet. */
    private Set<TopicPartition> untold = Set.of();

    private boolean hasBeenMember;
    private boolean isOver;

    Reading(
            ConsumerGroup<?, ?> member,
            RebalanceListener listener,
            LocalCoordinator coordinator,
            Membership membership,
            Commits commits,
            Beginnings beginnings,
            AutoCommit autoCommit,
            TopicConsumer<?, ?> consumer) {
        this.member = member;
        this.listener = listener;
        this.coordinator = coordinator;
        this.membership = membership;
        this.commits = commits;
        this.beginnings = beginnings;
        this.autoCommit = autoCommit;
        this.consumer = consumer;
    }

    /** From the next exchange on it wants these of the topics that exist. */
    void want(UnaryOperator<Set<String>> wantedOf) {
        wanted = wantedOf;
        membership.mustSpeak();
    }

    /** Those that it wants and that exist. */
    Set<String> topics() {
        Set<String> existing = coordinator.topics().names();
        Set<String> topics = new HashSet<>(wanted.apply(existing));
        topics.retainAll(existing);
        return topics;
    }

    /** Becomes a member, and reads what is free; the listener hears of that in the next poll. */
    void join() {
        exchange();
    }

    /** Follows the coordinator until there is nothing new. */
    void keepUp() {
        while (membership.isDisturbed() && !isOver) {
            exchange();
        }
        tellAssigned();
        failure.throwIfAny();
    }

    private void exchange() {
        HeartbeatReply reply =
                membership.speak(wanted.apply(coordinator.topics().names()), owned);
        if (reply instanceof Assigned assigned) {
            hasBeenMember = true;
            follow(assigned.partitions());
        } else if (reply instanceof Refused refused) {
            lose();
            if (refused.refusal() == Refusal.UNRELEASED_INSTANCE_ID) {
                throw refused();
            }
        }
    }

    private void follow(Set<TopicPartition> partitions) {
        Set<TopicPartition> given = without(owned, partitions);
        if (!given.isEmpty()) {
            giveUp(given);
            return;
        }
        try {
            take(partitions);
        } catch (RuntimeException e) {
            // It was given them all the same, and takes them the next time.
            membership.mustSpeak();
            throw e;
        }
    }

    private RuntimeException refused() {
        String values = ": group=" + member.groupId() + ", member=" + member.memberId();
        return hasBeenMember
                ? new FencedInstanceIdException("another member took this one's group.instance.id" + values)
                : new UnreleasedInstanceIdException(
                        "another member has that group.instance.id, and has not left" + values);
    }

    private void take(Set<TopicPartition> partitions) {
        Set<TopicPartition> added = without(partitions, owned);
        Map<TopicPartition, Long> positions = beginnings.positions(partitions, added);
        // All of them, not only those that are new: a topic may have been deleted and created again.
        consumer.assignAt(coordinator.topics().findAll(partitions), positions);
        commits.forget();
        owned = partitions;
        untold = union(untold, added);
    }

    private void giveUp(Set<TopicPartition> given) {
        autoCommit.beforeGivingUp();
        owned = without(owned, given);
        tellRevoked(given);
        keepReading(owned);
        membership.mustSpeak();
    }

    private void lose() {
        Set<TopicPartition> lost = owned;
        owned = Set.of();
        tell(without(lost, untold), partitions -> listener.onPartitionsLost(member, partitions));
        untold = Set.of();
        keepReading(Set.of());
        commits.forget();
        membership.mustSpeak();
    }

    /** Of what it read, these only; unless its listener has closed it. */
    private void keepReading(Set<TopicPartition> kept) {
        if (!isOver) {
            consumer.assignAt(coordinator.topics().findAll(kept), Map.of());
        }
    }

    /** Gives up everything, and is no member any more, or will be one again. */
    void leave(boolean comesBack) {
        if (membership.isMember()) {
            failure.guard(autoCommit::beforeGivingUp);
            Set<TopicPartition> given = owned;
            owned = Set.of();
            tellRevoked(given);
        }
        failure.guard(() -> membership.leave(comesBack));
        consumer.assignAt(Set.of(), Map.of());
        commits.forget();
        failure.throwIfAny();
    }

    /** Whatever is under way ends. */
    void end() {
        isOver = true;
    }

    private void tellRevoked(Set<TopicPartition> given) {
        Set<TopicPartition> known = without(given, untold);
        untold = without(untold, given);
        tell(known, partitions -> listener.onPartitionsRevoked(member, partitions));
    }

    private void tellAssigned() {
        Set<TopicPartition> news = untold;
        untold = Set.of();
        tell(news, partitions -> listener.onPartitionsAssigned(member, partitions));
    }

    private interface Call {
        void with(Set<TopicPartition> partitions);
    }

    private void tell(Set<TopicPartition> partitions, Call call) {
        if (!partitions.isEmpty()) {
            failure.guard(() -> call.with(partitions));
        }
    }

    private static Set<TopicPartition> without(Set<TopicPartition> all, Set<TopicPartition> taken) {
        Set<TopicPartition> rest = new HashSet<>(all);
        rest.removeAll(taken);
        return Set.copyOf(rest);
    }

    private static Set<TopicPartition> union(Set<TopicPartition> some, Set<TopicPartition> more) {
        Set<TopicPartition> all = new HashSet<>(some);
        all.addAll(more);
        return Set.copyOf(all);
    }
}
