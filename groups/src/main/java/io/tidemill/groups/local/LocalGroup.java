package io.tidemill.groups.local;

import io.tidemill.broker.Incarnation;
import io.tidemill.broker.Incarnation.Fate;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.coordinator.GroupCore;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.GroupEvent.Rebalanced;
import io.tidemill.groups.coordinator.Member;
import io.tidemill.groups.coordinator.Moment;
import io.tidemill.metrics.Telemetry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A group, and which of its members are here to be seen. Owned by whoever holds the coordinator's lock. */
final class LocalGroup {
    private static final Logger LOG = LoggerFactory.getLogger(LocalGroup.class);

    private final String name;
    private final GroupCore core = new GroupCore(Assignor.uniform());
    private final Map<String, Presence> presences = new HashMap<>();

    LocalGroup(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    GroupCore core() {
        return core;
    }

    void put(String memberId, Presence presence) {
        presences.put(memberId, presence);
    }

    /** It was read again: the same members are here, and it decides as before. */
    void follow(LocalGroup before) {
        presences.putAll(before.presences);
        core.decideBy(before.core.assignor());
    }

    void remove(String memberId) {
        presences.remove(memberId);
    }

    /** Looks who is still there: those that are here say so by themselves, others live as long as their broker does. */
    void tick(Moment moment, Function<Incarnation, Fate> fates, List<GroupEvent> events) {
        presences.forEach((memberId, presence) -> {
            if (presence.leftNs(moment.nowNs()) <= 0 && core.find(memberId) != null) {
                core.onLeave(memberId, false, moment, events);
            } else if (presence.isAlive()) {
                core.onHeard(memberId, moment.nowNs());
            }
        });
        if (presences.size() < core.members().size()) {
            lookElsewhere(moment, fates, events);
        }
        core.onTick(moment, events);
    }

    private void lookElsewhere(Moment moment, Function<Incarnation, Fate> fates, List<GroupEvent> events) {
        for (Member member : List.copyOf(core.members())) {
            if (!presences.containsKey(member.id()) && !member.isAway()) {
                Fate fate = fates.apply(member.home());
                if (fate == Fate.ELSEWHERE) {
                    core.onHeard(member.id(), moment.nowNs());
                } else if (fate == Fate.OVER) {
                    core.onLeave(member.id(), true, moment, events);
                }
            }
        }
    }

    /** Those that are here go with their broker. */
    void leaveAll(Moment moment, List<GroupEvent> events) {
        List.copyOf(presences.keySet()).forEach(memberId -> core.onLeave(memberId, true, moment, events));
    }

    /** Whether somebody is here. */
    boolean isHome() {
        return !presences.isEmpty();
    }

    /** Those that were here and are members no more. */
    void dropGone(Set<Presence> everybody) {
        presences.entrySet().removeIf(present -> {
            boolean isGone = core.find(present.getKey()) == null;
            if (isGone) {
                everybody.remove(present.getValue());
            }
            return isGone;
        });
    }

    /** Those who were members when the broker was closed, or died, read nothing any more; static ones may come back. */
    void expelStrangers(Moment moment, List<GroupEvent> events) {
        for (Member member : List.copyOf(core.members())) {
            if (!presences.containsKey(member.id()) && !member.isAway()) {
                core.onLeave(member.id(), true, moment, events);
            }
        }
    }

    /** Tells those who watch the broker that it was rebalanced, if it was. */
    void tell(Telemetry telemetry, List<GroupEvent> events) {
        for (GroupEvent event : events) {
            if (event instanceof Rebalanced rebalanced) {
                int partitions = rebalanced.partitions().values().stream()
                        .mapToInt(count -> count)
                        .sum();
                telemetry.onRebalance(name, rebalanced.epoch(), core.members().size(), partitions);
                RuntimeException failure = core.assignorFailure();
                if (failure != null) {
                    LOG.warn("assignor failed, and partitions are assigned uniformly: group={}", name, failure);
                }
            }
        }
    }

    /** Calls those whom the coordinator has something to tell. */
    void callThoseBehind(@Nullable String exceptMemberId) {
        presences.forEach((memberId, presence) -> {
            if (!memberId.equals(exceptMemberId) && core.isBehind(memberId)) {
                presence.call();
            }
        });
    }

    /** How long {@link #tick} has nothing to do but for that member. */
    long quietNs(String exceptMemberId, long nowNs) {
        long quietNs = core.quietNs(exceptMemberId, nowNs);
        for (Map.Entry<String, Presence> other : presences.entrySet()) {
            if (!other.getKey().equals(exceptMemberId)) {
                quietNs = Math.min(quietNs, other.getValue().quietNs(nowNs));
            }
        }
        return quietNs;
    }
}
