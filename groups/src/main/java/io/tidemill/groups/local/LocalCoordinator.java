package io.tidemill.groups.local;

import io.tidemill.Broker;
import io.tidemill.ProducerRecord;
import io.tidemill.TopicPartition;
import io.tidemill.broker.Companion;
import io.tidemill.broker.HostBroker;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.coordinator.CommittedOffset;
import io.tidemill.groups.coordinator.GroupCore;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.GroupEvent.Committed;
import io.tidemill.groups.coordinator.GroupEvent.Forgotten;
import io.tidemill.groups.coordinator.GroupEventLayout;
import io.tidemill.groups.coordinator.Heartbeat;
import io.tidemill.groups.coordinator.HeartbeatReply;
import io.tidemill.groups.coordinator.Moment;
import io.tidemill.groups.coordinator.Refusal;
import io.tidemill.lane.OpenTopic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator of all groups of a broker on one node. It has no thread: each request looks first who of the group is still
 * there, and whoever waits in a poll waits no longer than until the next such look may find something.
 *
 * <p>How a request is decided is told by {@link Decisions}.
 *
 * <p>Any thread.
 */
public final class LocalCoordinator implements Companion {
    private static final String TOPIC = "__consumer_offsets";

    /** No group has that name. */
    private static final String NOBODY = "";

    /** Kafka's {@code offsets.retention.check.interval.ms}. */
    private static final long EXPIRY_INTERVAL_NS = Duration.ofMinutes(10).toNanos();

    /** Kafka's {@code offsets.retention.minutes}. */
    private static final long RETENTION_MS = Duration.ofDays(7).toMillis();

    private final HostBroker broker;
    private final TopicsView topics;
    private final EventLog log;
    private final Decisions decisions;
    private Map<String, LocalGroup> groups = new TreeMap<>();
    /** Of all groups. Changed under the lock, read without it. */
    private final Set<Presence> everybody = ConcurrentHashMap.newKeySet();

    private long expiryDueNs;

    /** What a member is told, and how long it need not ask again unless it is called. */
    public record Turn(HeartbeatReply reply, long quietNs) {}

    /** The one of that broker. */
    public static LocalCoordinator of(Broker broker) {
        return HostBroker.of(broker).requireAlone("groups").companion(LocalCoordinator.class, LocalCoordinator::new);
    }

    private LocalCoordinator(HostBroker broker) {
        this.broker = broker;
        this.topics = new TopicsView(broker);
        this.log = new EventLog(broker, TOPIC);
        this.decisions = new Decisions(broker, log, this::replay);
        this.expiryDueNs = broker.clock().nowNs() + EXPIRY_INTERVAL_NS;
        decisions.readAgain();
    }

    /** Makes the groups what the log says. */
    private void replay() {
        Map<String, LocalGroup> read = new TreeMap<>();
        log.replay((offset, key, value) -> read.computeIfAbsent(GroupEventLayout.group(key), LocalGroup::new)
                .core()
                .replay(GroupEventLayout.event(key, value)));
        Moment moment = moment();
        for (LocalGroup group : read.values()) {
            group.core().onReplayed(moment.nowNs());
            LocalGroup before = groups.get(group.name());
            if (before != null) {
                group.follow(before);
            }
            if (!broker.isReadOnly()) {
                List<GroupEvent> events = new ArrayList<>();
                group.expelStrangers(moment, events);
                append(group.name(), events);
            }
        }
        groups = read;
        List.copyOf(read.values()).forEach(this::settle);
        everybody.forEach(Presence::call);
    }

    private CompletableFuture<?> append(String group, List<GroupEvent> events) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(events.size());
        for (GroupEvent event : events) {
            records.add(ProducerRecord.of(GroupEventLayout.key(group, event), GroupEventLayout.value(event)));
        }
        return log.append(records);
    }

    /** Of commits the last one of a partition is enough. */
    private CompletableFuture<?> appendSoon(String group, List<GroupEvent> commits) {
        Map<Object, Supplier<ProducerRecord<byte[], byte[]>>> records = new HashMap<>();
        long bytes = 0;
        for (GroupEvent event : commits) {
            bytes += GroupEventLayout.bytesMax(group, (Committed) event);
            records.put(
                    new Commitment(group, ((Committed) event).partition()),
                    () -> ProducerRecord.of(GroupEventLayout.key(group, event), GroupEventLayout.value(event)));
        }
        return log.appendSoon(records, bytes, decisions::flushSoon);
    }

    /** What a commit is about. */
    private record Commitment(String group, TopicPartition partition) {}

    private void settle(LocalGroup group) {
        group.dropGone(everybody);
        if (group.core().isNone()) {
            groups.remove(group.name());
        }
    }

    /** All that there are, by name. Asked as by {@link #request}. */
    Set<String> names() {
        return request(NOBODY, null, (home, events) -> {
            Set<String> names = new TreeSet<>(groups.keySet());
            names.remove(NOBODY);
            return names;
        });
    }

    /** A member speaks, and is there. */
    public Turn heartbeat(String group, Heartbeat heartbeat, Presence presence, Assignor assignor) {
        // Before it is looked which topics there are: when they change, it is called.
        everybody.add(presence);
        return request(group, heartbeat.memberId(), (home, events) -> {
            GroupCore core = home.core();
            if (heartbeat.epoch() == Heartbeat.JOINING) {
                core.decideBy(assignor);
            }
            tick(home, events);
            Moment moment = moment();
            HeartbeatReply reply = core.onHeartbeat(heartbeat, moment, events);
            if (core.find(heartbeat.memberId()) != null) {
                home.put(heartbeat.memberId(), presence);
            } else {
                everybody.remove(presence);
            }
            return new Turn(reply, home.quietNs(heartbeat.memberId(), moment.nowNs()));
        });
    }

    /** A member is none any more, or away. One that was none already is none now, too. */
    public void leave(String group, String memberId, Presence presence, boolean comesBack) {
        everybody.remove(presence);
        request(group, memberId, (home, events) -> {
            home.remove(memberId);
            return home.core().onLeave(memberId, comesBack, moment(), events);
        });
    }

    /**
     * A member has read so far, of all of these or none.
     *
     * @return why not, or null; and what is completed when it is written
     */
    public Commit commit(String group, String memberId, int epoch, Map<TopicPartition, CommittedOffset> offsets) {
        broker.callerWait().requireOpen();
        return decisions.decide(
                question(group, null, (home, events) -> home.core().onCommit(memberId, epoch, offsets, events)),
                events -> appendSoon(group, events),
                Commit::new);
    }

    /** An answer to a commit: why it was refused, or else what completes when it is written. */
    public record Commit(@Nullable Refusal refusal, CompletableFuture<?> written) {}

    /** How far the group has read these; without those that nobody has said it of, or that are of another topic by now. */
    public Map<TopicPartition, CommittedOffset> committed(String group, Iterable<TopicPartition> partitions) {
        return request(group, null, (home, events) -> {
            Map<TopicPartition, CommittedOffset> committed = new HashMap<>();
            for (TopicPartition partition : partitions) {
                CommittedOffset offset = committed(home.core(), partition);
                if (offset != null) {
                    committed.put(partition, offset);
                }
            }
            return committed;
        });
    }

    /** Null where nobody has said it, or of another topic of that name. */
    @Nullable
    CommittedOffset committed(GroupCore core, TopicPartition partition) {
        CommittedOffset offset = core.committed(partition);
        OpenTopic topic = topics.find(partition.topic());
        return offset != null && topic != null && topic.id().equals(offset.topicId()) ? offset : null;
    }

    /** Asks a group something, and tells the answer when what it rests on is written. */
    <T> T request(String group, @Nullable String memberId, BiFunction<LocalGroup, List<GroupEvent>, T> question) {
        return decisions.request(question(group, memberId, question), events -> append(group, events));
    }

    private <T> Function<List<GroupEvent>, T> question(
            String group, @Nullable String memberId, BiFunction<LocalGroup, List<GroupEvent>, T> question) {
        return events -> {
            expireWhenDue();
            LocalGroup home = groups.computeIfAbsent(group, LocalGroup::new);
            try {
                T answer = question.apply(home, events);
                announce(home, memberId, events);
                return answer;
            } finally {
                settle(home);
            }
        };
    }

    /** Tells everybody whom it concerns, but for the one who asked. */
    private void announce(LocalGroup home, @Nullable String memberId, List<GroupEvent> events) {
        if (concernsMembers(events)) {
            home.tell(broker.telemetry(), events);
            home.callThoseBehind(memberId);
        }
    }

    private static boolean concernsMembers(List<GroupEvent> events) {
        return events.stream().anyMatch(event -> !(event instanceof Committed || event instanceof Forgotten));
    }

    /** Looks who is still there; whoever only reads leaves that to the one that writes. */
    void tick(LocalGroup home, List<GroupEvent> events) {
        if (!broker.isReadOnly()) {
            home.tick(moment(), events);
        }
    }

    private void expireWhenDue() {
        if (broker.clock().nowNs() - expiryDueNs >= 0 && !broker.isReadOnly()) {
            Moment moment = moment();
            expiryDueNs = moment.nowNs() + EXPIRY_INTERVAL_NS;
            for (LocalGroup group : List.copyOf(groups.values())) {
                List<GroupEvent> events = new ArrayList<>();
                // Perhaps nobody else asks for it.
                group.tick(moment, events);
                group.core().onExpiry(RETENTION_MS, moment, events);
                announce(group, null, events);
                append(group.name(), events);
                settle(group);
            }
        }
    }

    @Override
    public void onMetadataChanged() {
        topics.onChanged();
        everybody.forEach(Presence::call);
    }

    @Override
    public void onBrokerClosed() {
        everybody.forEach(Presence::call);
    }

    /** The topics of the broker. */
    public TopicsView topics() {
        return topics;
    }

    private Moment moment() {
        return new Moment(
                topics.counts(), broker.clock().nowNs(), broker.clock().epochMs());
    }
}
