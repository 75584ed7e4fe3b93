package io.tidemill.benchmarks;

import io.tidemill.TopicPartition;
import io.tidemill.broker.Incarnation;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.GroupMember;
import io.tidemill.groups.coordinator.GroupCore;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.GroupEvent.MemberChanged;
import io.tidemill.groups.coordinator.GroupEvent.Rebalanced;
import io.tidemill.groups.coordinator.GroupEventLayout;
import io.tidemill.groups.coordinator.GroupTimeouts;
import io.tidemill.groups.coordinator.Heartbeat;
import io.tidemill.groups.coordinator.HeartbeatReply.Assigned;
import io.tidemill.groups.coordinator.Member;
import io.tidemill.groups.coordinator.Moment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A group of readers that want all topics and give up at once what they are told to. No time passes. */
final class OneGroup {
    /** More heartbeats of everybody than coming to rest takes. */
    private static final int ROUNDS_MAX = 10;

    private static final GroupTimeouts TIMEOUTS = new GroupTimeouts(1, 1);

    private final Map<String, Integer> topics;
    private final Moment now;
    /** Equal to what the core knows of them, but not the same, as after the way through a log. */
    private final Set<String> wanted;

    private final GroupCore core = new GroupCore(Assignor.uniform());
    private final List<Reader> readers = new ArrayList<>();
    private final List<GroupEvent> events = new ArrayList<>();
    private long writtenBytes;

    private static final class Reader {
        private final String name;
        private int epoch;
        private Set<TopicPartition> owned;

        Reader(String name, int epoch, Set<TopicPartition> owned) {
            this.name = name;
            this.epoch = epoch;
            this.owned = owned;
        }
    }

    /** At rest: everybody has what it is to have. */
    OneGroup(List<GroupMember> members, Map<String, Integer> topics) {
        this.topics = topics;
        this.now = new Moment(topics, 0, 0);
        this.wanted = Set.copyOf(topics.keySet());
        core.replay(new Rebalanced(1, topics, 0));
        for (GroupMember member : members) {
            Set<TopicPartition> owned = member.partitions();
            core.replay(new MemberChanged(new Member(
                    member.name(), Incarnation.NONE, null, member.topics(), TIMEOUTS, 1, 1, owned, owned, Set.of())));
            readers.add(new Reader(member.name(), 1, owned));
        }
        core.onReplayed(0);
    }

    void join(String name) {
        // It speaks first, and the others hear of it in the same round.
        readers.add(0, new Reader(name, Heartbeat.JOINING, Set.of()));
    }

    void leaveLast() {
        core.onLeave(readers.remove(readers.size() - 1).name, false, now, events);
    }

    /** @return how many bytes of events were written */
    long comeToRest() {
        for (int round = 0; round < ROUNDS_MAX; round++) {
            readers.forEach(this::beat);
            if (events.isEmpty()) {
                return writtenBytes;
            }
            write();
        }
        throw new IllegalStateException("no rest: rounds=" + ROUNDS_MAX);
    }

    private void beat(Reader reader) {
        Heartbeat heartbeat =
                new Heartbeat(reader.name, Incarnation.NONE, reader.epoch, null, wanted, TIMEOUTS, reader.owned);
        if (core.onHeartbeat(heartbeat, now, events) instanceof Assigned assigned) {
            reader.epoch = assigned.epoch();
            reader.owned = assigned.partitions();
        }
    }

    private void write() {
        for (GroupEvent event : events) {
            byte[] value = GroupEventLayout.value(event);
            writtenBytes += GroupEventLayout.key("group", event).length + (value == null ? 0 : value.length);
        }
        events.clear();
    }

    /** Whether everything is read by somebody, and everybody has what it is to have. */
    void check() {
        int read = 0;
        for (Member member : core.members()) {
            if (!member.assigned().equals(member.target()) || member.epoch() != core.epoch()) {
                throw new IllegalStateException("not at rest: member=" + member);
            }
            read += member.assigned().size();
        }
        int there = topics.values().stream().mapToInt(count -> count).sum();
        if (read != there || core.members().size() != readers.size()) {
            throw new IllegalStateException("not read by anybody: partitions=" + there + ", read=" + read);
        }
    }
}
