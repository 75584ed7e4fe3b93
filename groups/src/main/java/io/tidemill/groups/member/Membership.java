package io.tidemill.groups.member;

import io.tidemill.TopicPartition;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.OffsetOwner;
import io.tidemill.groups.coordinator.GroupTimeouts;
import io.tidemill.groups.coordinator.Heartbeat;
import io.tidemill.groups.coordinator.HeartbeatReply;
import io.tidemill.groups.coordinator.HeartbeatReply.Assigned;
import io.tidemill.groups.local.LocalCoordinator;
import io.tidemill.groups.local.LocalCoordinator.Turn;
import io.tidemill.groups.local.Presence;
import io.tidemill.spi.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What a member knows of its place in the group, and when it has to ask again. Used under the member's lock. */
final class Membership {
    /** Longer than anything lasts, short enough to be added to a clock's reading. */
    private static final long QUIET_NS_MAX = Long.MAX_VALUE / 4;

    private final LocalCoordinator coordinator;
    private final String group;
    private final String memberId;
    private final GroupSettings settings;
    private final GroupTimeouts timeouts;
    private final Clock clock;
    private final Presence presence;
    private int epoch = Heartbeat.JOINING;
    /** The coordinator has heard of it, whatever became of that. */
    private boolean hasSpoken;
    /** It has something to say, or has never asked. */
    private boolean isDue = true;

    private long dueNs;

    Membership(
            LocalCoordinator coordinator,
            String group,
            String memberId,
            GroupSettings settings,
            Clock clock,
            Runnable wake) {
        this.coordinator = coordinator;
        this.group = group;
        this.memberId = memberId;
        this.settings = settings;
        this.timeouts = new GroupTimeouts(ns(settings.sessionTimeout()), ns(settings.maxPollInterval()));
        this.clock = clock;
        this.presence = new Presence(timeouts.rebalanceNs(), wake);
    }

    private static long ns(Duration duration) {
        return Math.min(TimeUnit.NANOSECONDS.convert(duration), QUIET_NS_MAX);
    }

    String memberId() {
        return memberId;
    }

    int epoch() {
        return epoch;
    }

    OffsetOwner owner() {
        return new OffsetOwner(group, memberId, epoch);
    }

    boolean isMember() {
        return epoch != Heartbeat.JOINING;
    }

    void onPoll() {
        presence.onPoll(clock.nowNs());
    }

    /** It waits for records from here on, and to be called. */
    void onWaiting() {
        presence.onWaiting();
    }

    void onWaited() {
        presence.onWaited(clock.nowNs());
    }

    /** The next look finds that there is something to say. */
    void mustSpeak() {
        isDue = true;
    }

    /** Whether it is time to ask the coordinator. */
    boolean isDisturbed() {
        return isDue || presence.isCalled() || clock.nowNs() - dueNs >= 0;
    }

    /** How long it is not, unless it is called. */
    long quietNs() {
        return Math.max(0, dueNs - clock.nowNs());
    }

    /** Says what it wants and what it has, and hears what it is to have. */
    HeartbeatReply speak(Set<String> topics, Set<TopicPartition> owned) {
        isDue = true;
        hasSpoken = true;
        presence.answerCall();
        Heartbeat heartbeat =
                new Heartbeat(memberId, coordinator.home(), epoch, settings.instanceId(), topics, timeouts, owned);
        Turn turn = coordinator.heartbeat(group, heartbeat, presence, settings.assignor());
        epoch = turn.reply() instanceof Assigned assigned ? assigned.epoch() : Heartbeat.JOINING;
        dueNs = clock.nowNs() + Math.min(turn.quietNs(), QUIET_NS_MAX);
        isDue = false;
        return turn.reply();
    }

    /** Says that it is none any more, or will be back; also when it never heard whether it is one. */
    void leave(boolean comesBack) {
        epoch = Heartbeat.JOINING;
        isDue = true;
        if (hasSpoken) {
            hasSpoken = false;
            coordinator.leave(group, memberId, presence, comesBack);
        }
    }
}
