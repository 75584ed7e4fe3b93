package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.coordinator.GroupEvent.Committed;
import io.tidemill.groups.coordinator.GroupEvent.Dissolved;
import io.tidemill.groups.coordinator.GroupEvent.Forgotten;
import io.tidemill.groups.coordinator.GroupEvent.MemberChanged;
import io.tidemill.groups.coordinator.GroupEvent.MemberGone;
import io.tidemill.groups.coordinator.GroupEvent.Rebalanced;
import io.tidemill.groups.coordinator.HeartbeatReply.Assigned;
import io.tidemill.groups.coordinator.HeartbeatReply.Refused;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One group. The idea is that of Kafka's KIP-848: the coordinator alone decides who is to have what, and each member is led from
 * what it has to what it is to have by the answers to its heartbeats, at its own pace.
 *
 * <p>Whenever members or topics change, the group's epoch rises, and every member gets a target at once. A member that has
 * more than its target is told to give that up, keeps its epoch until it says that it did, and only then follows: its epoch
 * becomes the group's, and it gets what it is to have, as far as nobody else owns it still. What is missing comes with a later
 * heartbeat. So a partition that stays with its member is never touched, and one that moves has no owner in between, never two.
 *
 * <p>A partition is owned by the member that may read it, or was told to give it up and has not said that it did. That is
 * the invariant which {@link #replay} enforces. A member that is silent for too long is none any more, what it owned is free,
 * and whatever it says later is refused.
 *
 * <p>{@link #replay} is the only thing that changes what a group is, for new events as for those read back from the log.
 * How long ago members were heard of is not part of that: after a replay all have been heard of just now.
 *
 * <p>Owned by whoever holds the coordinator's lock. Times are nanoseconds of one clock, compared by subtraction.
 */
public final class GroupCore {
    private final Targets targets;
    private final Patience patience = new Patience();

    private int epoch;
    private long rebalancedMs;
    private Map<String, Integer> partitions = Map.of();
    private final Roster members = new Roster();
    private final OffsetsCore offsets = new OffsetsCore();

    /** Members, or what they want, changed under the current request. */
    private boolean isDisturbed;

    public GroupCore(Assignor assignor) {
        this.targets = new Targets(assignor);
    }

    /** From the next rebalance on. */
    public void decideBy(Assignor assignor) {
        targets.decideBy(assignor);
    }

    /**
     * A member speaks.
     *
     * @param events takes what happens, in order
     */
    public HeartbeatReply onHeartbeat(Heartbeat heartbeat, Moment moment, List<GroupEvent> events) {
        Refusal refusal =
                heartbeat.epoch() == Heartbeat.JOINING ? admit(heartbeat, events) : recognize(heartbeat, events);
        if (refusal != null) {
            return new Refused(refusal);
        }
        String memberId = heartbeat.memberId();
        patience.onHeard(memberId, moment.nowNs());
        rebalance(moment, events);
        reconcile(memberId, heartbeat.owned(), moment.nowNs(), events);
        Member member = members.require(memberId);
        return new Assigned(member.epoch(), member.assigned());
    }

    /** Lets it in, as somebody new, as a static member that was away, or again. It has nothing. */
    private @Nullable Refusal admit(Heartbeat heartbeat, List<GroupEvent> events) {
        String memberId = heartbeat.memberId();
        Member namesake = members.instance(heartbeat.instanceId());
        Member known = members.find(memberId);
        if (namesake != null && !namesake.id().equals(memberId)) {
            if (!namesake.isAway()) {
                return Refusal.UNRELEASED_INSTANCE_ID;
            }
            emit(new MemberGone(namesake.id()), events);
            want(namesake.emptyHanded(memberId), heartbeat, events);
        } else if (known != null) {
            // It did not hear the answer, or was told that it is none when it was.
            want(known.emptyHanded(memberId), heartbeat, events);
        } else {
            emit(new MemberChanged(Member.joining(heartbeat)), events);
            isDisturbed = true;
        }
        return null;
    }

    private @Nullable Refusal recognize(Heartbeat heartbeat, List<GroupEvent> events) {
        Member member = members.find(heartbeat.memberId());
        if (member == null) {
            return Refusal.UNKNOWN_MEMBER_ID;
        }
        boolean isLate =
                heartbeat.epoch() == member.formerEpoch() && member.owned().containsAll(heartbeat.owned());
        if (heartbeat.epoch() != member.epoch() && !isLate) {
            return Refusal.FENCED_MEMBER_EPOCH;
        }
        if (!member.topics().equals(heartbeat.topics())) {
            want(member, heartbeat, events);
        }
        return null;
    }

    /** A member is so from now on, and wants what it says. */
    private void want(Member member, Heartbeat heartbeat, List<GroupEvent> events) {
        isDisturbed |= !member.topics().equals(heartbeat.topics());
        emit(new MemberChanged(member.wanting(heartbeat)), events);
    }

    /**
     * A member leaves; a static one may say that it will be back, and then nothing is rebalanced until its session is over.
     *
     * @return why not, or null
     */
    public @Nullable Refusal onLeave(String memberId, boolean comesBack, Moment moment, List<GroupEvent> events) {
        Member member = members.find(memberId);
        if (member == null) {
            return Refusal.UNKNOWN_MEMBER_ID;
        }
        if (comesBack && member.instanceId() != null) {
            emit(new MemberChanged(member.away()), events);
            patience.onHeard(memberId, moment.nowNs());
        } else {
            emit(new MemberGone(memberId), events);
            isDisturbed = true;
            rebalance(moment, events);
        }
        return null;
    }

    /** It lives, though it says nothing. */
    public void onHeard(String memberId, long nowNs) {
        if (members.find(memberId) != null) {
            patience.onHeard(memberId, nowNs);
        }
    }

    /** Time has passed: those who were silent for too long, or did not give up what they had to, are members no more. */
    public void onTick(Moment moment, List<GroupEvent> events) {
        List<String> late = new ArrayList<>();
        for (Member member : members.all()) {
            if (patience.leftNs(member, moment.nowNs()) <= 0) {
                late.add(member.id());
            }
        }
        late.forEach(memberId -> emit(new MemberGone(memberId), events));
        if (!late.isEmpty()) {
            isDisturbed = true;
        }
        rebalance(moment, events);
    }

    /** When {@link #onTick} may have something to do for one of the others, unless they are heard of: so long from now. */
    public long quietNs(String exceptMemberId, long nowNs) {
        long quietNs = Long.MAX_VALUE;
        for (Member member : members.all()) {
            if (!member.id().equals(exceptMemberId)) {
                quietNs = Math.min(quietNs, patience.leftNs(member, nowNs));
            }
        }
        return quietNs;
    }

    /**
     * A member has read so far, of all of these partitions or of none.
     *
     * @return why not, or null
     */
    public @Nullable Refusal onCommit(
            String memberId, int memberEpoch, Map<TopicPartition, CommittedOffset> committed, List<GroupEvent> events) {
        Member member = members.find(memberId);
        if (member == null) {
            return Refusal.UNKNOWN_MEMBER_ID;
        }
        if (memberEpoch != member.epoch()) {
            return memberEpoch == member.formerEpoch() ? Refusal.STALE_MEMBER_EPOCH : Refusal.FENCED_MEMBER_EPOCH;
        }
        for (TopicPartition partition : committed.keySet()) {
            if (!member.owns(partition)) {
                return Refusal.NOT_OWNED;
            }
        }
        committed.forEach((partition, offset) -> emit(new Committed(partition, offset), events));
        return null;
    }

    /**
     * Somebody else says how far the group has read, or is to read again.
     *
     * @return why not, or null
     */
    public @Nullable Refusal onReset(Map<TopicPartition, CommittedOffset> committed, List<GroupEvent> events) {
        if (!members.isEmpty()) {
            return Refusal.NON_EMPTY_GROUP;
        }
        committed.forEach((partition, offset) -> emit(new Committed(partition, offset), events));
        return null;
    }

    /**
     * Nobody needs to know any more how far the group has read these.
     *
     * @return why not, or null
     */
    public @Nullable Refusal onForget(Set<TopicPartition> forgotten, List<GroupEvent> events) {
        for (TopicPartition partition : forgotten) {
            if (partitions.containsKey(partition.topic())) {
                return Refusal.NON_EMPTY_GROUP;
            }
        }
        forget(forgotten, events);
        return null;
    }

    private void forget(Set<TopicPartition> forgotten, List<GroupEvent> events) {
        for (TopicPartition partition : forgotten) {
            if (offsets.find(partition) != null) {
                emit(new Forgotten(partition), events);
            }
        }
    }

    /**
     * The group is to be gone with all that it knows.
     *
     * @return why not, or null
     */
    public @Nullable Refusal onDelete(List<GroupEvent> events) {
        if (!members.isEmpty()) {
            return Refusal.NON_EMPTY_GROUP;
        }
        forget(Set.copyOf(offsets.all().keySet()), events);
        emit(new Dissolved(), events);
        return null;
    }

    /** Forgets how far is read what nobody has wanted for so long, and the group with it, if that is all that it was. */
    public void onExpiry(long retentionMs, Moment moment, List<GroupEvent> events) {
        forget(offsets.expired(partitions.keySet(), rebalancedMs, moment, retentionMs), events);
        boolean isUnused = moment.epochMs() - rebalancedMs >= retentionMs;
        if (members.isEmpty() && offsets.all().isEmpty() && isUnused) {
            emit(new Dissolved(), events);
        }
    }

    /** Gives everybody a target, if members or topics are others than at the last time. */
    private void rebalance(Moment moment, List<GroupEvent> events) {
        Map<String, Integer> wanted = members.wanted(moment.topics());
        if (!isDisturbed && wanted.equals(partitions)) {
            return;
        }
        isDisturbed = false;
        Map<String, Set<TopicPartition>> decided = targets.decide(members.all(), wanted);
        emit(new Rebalanced(epoch + 1, wanted, moment.epochMs()), events);
        for (Member member : List.copyOf(members.all())) {
            Set<TopicPartition> target = decided.getOrDefault(member.id(), Set.of());
            if (!target.equals(member.target())) {
                emit(new MemberChanged(member.aimingAt(target)), events);
            }
        }
    }

    /** Leads a member one step nearer to its target. */
    private void reconcile(String memberId, Set<TopicPartition> held, long nowNs, List<GroupEvent> events) {
        Member member = members.require(memberId);
        if (!member.revoked().isEmpty()) {
            if (!Collections.disjoint(held, member.revoked())) {
                return;
            }
            emit(new MemberChanged(member.released()), events);
            member = members.require(memberId);
        }
        Set<TopicPartition> given = without(member.assigned(), member.target());
        if (!given.isEmpty()) {
            emit(new MemberChanged(member.revoking(without(member.assigned(), given), given)), events);
            patience.onRevoking(memberId, nowNs);
            return;
        }
        Set<TopicPartition> assigned = new HashSet<>(member.assigned());
        for (TopicPartition partition : member.target()) {
            if (members.owner(partition) == null) {
                assigned.add(partition);
            }
        }
        if (member.epoch() != epoch || assigned.size() > member.assigned().size()) {
            emit(new MemberChanged(member.advanced(epoch, assigned)), events);
        }
    }

    private static Set<TopicPartition> without(Set<TopicPartition> all, Set<TopicPartition> taken) {
        Set<TopicPartition> rest = new HashSet<>(all);
        rest.removeAll(taken);
        return rest;
    }

    private void emit(GroupEvent event, List<GroupEvent> events) {
        events.add(event);
        replay(event);
    }

    /** Makes it so. */
    public void replay(GroupEvent event) {
        if (event instanceof Rebalanced rebalanced) {
            epoch = rebalanced.epoch();
            partitions = rebalanced.partitions();
            rebalancedMs = rebalanced.timeMs();
        } else if (event instanceof MemberChanged changed) {
            members.put(changed.member());
            patience.onChanged(changed.member());
        } else if (event instanceof MemberGone gone) {
            members.remove(gone.memberId());
            patience.onGone(members.all());
        } else if (event instanceof Committed commit) {
            offsets.replay(commit);
        } else if (event instanceof Forgotten forgotten) {
            offsets.replay(forgotten);
        } else if (event instanceof Dissolved) {
            epoch = 0;
            rebalancedMs = 0;
            partitions = Map.of();
        }
    }

    /** All that was written was replayed, by whomever it was, and this takes the place of the former one. */
    public void onReplayedInstead(GroupCore former, long nowNs) {
        patience.follow(former.patience, members.all(), nowNs);
        for (Member member : members.all()) {
            Member before = former.find(member.id());
            if (member.isAway() && (before == null || !before.isAway())) {
                patience.onHeard(member.id(), nowNs);
            }
        }
    }

    /** All that happened was replayed, and others may have been here in between: everybody is heard of just now. */
    public void onReplayed(long nowNs) {
        patience.begin(members.all(), nowNs);
    }

    /** What the next rebalance is decided by. */
    public Assignor assignor() {
        return targets.assignor();
    }

    public int epoch() {
        return epoch;
    }

    /** Whether there is nothing to be known of it. */
    public boolean isNone() {
        return epoch == 0 && members.isEmpty() && offsets.all().isEmpty();
    }

    /** Whether a heartbeat would lead the member on. */
    public boolean isBehind(String memberId) {
        Member member = members.find(memberId);
        if (member == null) {
            return true;
        }
        if (!member.revoked().isEmpty()) {
            return false;
        }
        return member.epoch() != epoch
                || member.target().stream().anyMatch(partition -> members.owner(partition) == null);
    }

    /** Null when it is none. */
    public @Nullable Member find(String memberId) {
        return members.find(memberId);
    }

    /** In the order of their ids. */
    public Collection<Member> members() {
        return members.all();
    }

    /** Who may read it, or must still say that it gave it up; null for nobody. */
    public @Nullable String owner(TopicPartition partition) {
        return members.owner(partition);
    }

    /** Why the last rebalance was not done by the group's own assignor, but uniformly; null if it was. */
    public @Nullable RuntimeException assignorFailure() {
        return targets.failure();
    }

    /** How far it is read; null when nobody said. */
    public @Nullable CommittedOffset committed(TopicPartition partition) {
        return offsets.find(partition);
    }

    /** How far all are read that somebody said it of. */
    public Map<TopicPartition, CommittedOffset> committed() {
        return offsets.all();
    }

    /** How many partitions each topic has that some member wants. */
    public Map<String, Integer> partitions() {
        return partitions;
    }
}
