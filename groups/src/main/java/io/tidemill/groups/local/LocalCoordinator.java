package io.tidemill.groups.local;

import io.tidemill.Broker;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import io.tidemill.broker.Companion;
import io.tidemill.broker.HostBroker;
import io.tidemill.errors.ReadOnlyException;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.coordinator.CommittedOffset;
import io.tidemill.groups.coordinator.GroupCore;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.GroupEvent.Committed;
import io.tidemill.groups.coordinator.GroupEvent.Forgotten;
import io.tidemill.groups.coordinator.Heartbeat;
import io.tidemill.groups.coordinator.HeartbeatReply;
import io.tidemill.groups.coordinator.Moment;
import io.tidemill.groups.coordinator.Refusal;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.metadata.TopicsCore;
import io.tidemill.spi.CleanupPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator of all groups of a broker on one node. It has no thread: each request looks first who of the group is still
 * there, and whoever waits in a poll waits no longer than until the next such look may find something.
 *
 * <p>A request is decided under the lock, and its events are handed to the log in that order; nobody waits for the log under
 * the lock, and nobody is told anything before that is written, and all that it rests on. Where something could not be written,
 * the groups are read again from the log before the next request.
 *
 * <p>Any thread.
 */
public final class LocalCoordinator implements Companion {
    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    private static final String TOPIC = "__consumer_offsets";

    /** Small files, so that what was compacted away is little in front of what is read when the broker is opened. */
    private static final long SEGMENT_BYTES = 16 << 20;

    /** Kafka's {@code offsets.retention.check.interval.ms}. */
    private static final long EXPIRY_INTERVAL_NS = Duration.ofMinutes(10).toNanos();

    /** Kafka's {@code offsets.retention.minutes}. */
    private static final long RETENTION_MS = Duration.ofDays(7).toMillis();

    private final HostBroker broker;
    private final GroupsLog log;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, LocalGroup> groups = new TreeMap<>();
    /** Of all groups. Changed under the lock, read without it. */
    private final Set<Presence> everybody = ConcurrentHashMap.newKeySet();

    private final AtomicInteger topicsVersion = new AtomicInteger();
    private volatile TopicsSeen topicsSeen = new TopicsSeen(-1, Map.of(), Map.of());
    /** What the groups are is not what the log says. */
    private boolean isAstray;

    private long expiryDueNs;

    /** What a member is told, and how long it need not ask again unless it is called. */
    public record Turn(HeartbeatReply reply, long quietNs) {}

    /** The broker's topics at one moment. */
    private record TopicsSeen(int version, Map<String, OpenTopic> byName, Map<String, Integer> counts) {}

    /** The one of that broker. */
    public static LocalCoordinator of(Broker broker) {
        return HostBroker.of(broker).companion(LocalCoordinator.class, LocalCoordinator::new);
    }

    private LocalCoordinator(HostBroker broker) {
        if (broker.isReadOnly()) {
            throw new ReadOnlyException("the broker was opened to read only, and members of groups write");
        }
        this.broker = broker;
        this.log = new GroupsLog(broker.internalTopic(
                TOPIC,
                TopicSettings.partitions(1)
                        .with(TopicSetting.CLEANUP_POLICY, CleanupPolicy.COMPACT)
                        .withSegmentBytes(SEGMENT_BYTES)));
        this.expiryDueNs = broker.clock().nowNs() + EXPIRY_INTERVAL_NS;
        readAgain();
    }

    /** Makes the groups what the log says. */
    private void readAgain() {
        Map<String, LocalGroup> before = new HashMap<>(groups);
        groups.clear();
        log.replay((name, event) -> group(name).core().replay(event));
        Moment moment = moment();
        for (LocalGroup group : List.copyOf(groups.values())) {
            group.core().onReplayed(moment.nowNs());
            LocalGroup same = before.get(group.name());
            if (same != null) {
                group.putAll(same);
            }
            List<GroupEvent> events = new ArrayList<>();
            group.expelStrangers(moment, events);
            log.append(group.name(), events);
            settle(group);
        }
        isAstray = false;
        before.values().forEach(LocalGroup::callAll);
    }

    private LocalGroup group(String name) {
        return groups.computeIfAbsent(name, LocalGroup::new);
    }

    private void settle(LocalGroup group) {
        group.dropGone();
        if (group.core().isNone()) {
            groups.remove(group.name());
        }
    }

    /** A member speaks, and is there. */
    public Turn heartbeat(String group, Heartbeat heartbeat, Presence presence, Assignor assignor) {
        return request(group, heartbeat.memberId(), (home, events) -> {
            GroupCore core = home.core();
            if (heartbeat.epoch() == Heartbeat.JOINING) {
                core.decideBy(assignor);
            }
            Moment moment = moment();
            home.tick(moment, events);
            HeartbeatReply reply = core.onHeartbeat(heartbeat, moment, events);
            if (core.find(heartbeat.memberId()) != null) {
                home.put(heartbeat.memberId(), presence);
                everybody.add(presence);
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
        return decide(
                group, null, (home, events) -> home.core().onCommit(memberId, epoch, offsets, events), Commit::new);
    }

    /** An answer to a commit: why it was refused, or else what completes when it is written. */
    public record Commit(@Nullable Refusal refusal, CompletableFuture<?> written) {}

    /** How far the group has read these; without those that nobody has said it of, or that are of another topic by now. */
    public Map<TopicPartition, CommittedOffset> committed(String group, Iterable<TopicPartition> partitions) {
        return request(group, null, (home, events) -> {
            Map<TopicPartition, CommittedOffset> committed = new HashMap<>();
            for (TopicPartition partition : partitions) {
                CommittedOffset offset = home.core().committed(partition);
                if (offset != null && isOf(offset, partition)) {
                    committed.put(partition, offset);
                }
            }
            return committed;
        });
    }

    private boolean isOf(CommittedOffset offset, TopicPartition partition) {
        OpenTopic topic = topics().byName().get(partition.topic());
        return topic != null && topic.id().equals(offset.topicId());
    }

    /** Asks a group something, and tells the answer when what it rests on is written. */
    private <T> T request(
            String group, @Nullable String memberId, BiFunction<LocalGroup, List<GroupEvent>, T> question) {
        broker.callerWait().requireOpen();
        broker.callerWait().requireMayWait();
        CompletableFuture<?>[] written = new CompletableFuture<?>[1];
        T answer = decide(group, memberId, question, (decided, future) -> {
            written[0] = future;
            return decided;
        });
        await(written[0]);
        return answer;
    }

    private <T, R> R decide(
            String group,
            @Nullable String memberId,
            BiFunction<LocalGroup, List<GroupEvent>, T> question,
            BiFunction<T, CompletableFuture<?>, R> answer) {
        lock.lock();
        try {
            comeToRights();
            isAstray = true;
            expireWhenDue();
            LocalGroup home = group(group);
            List<GroupEvent> events = new ArrayList<>();
            T decided = question.apply(home, events);
            CompletableFuture<?> written = log.append(group, events);
            isAstray = false;
            if (concernsMembers(events)) {
                home.callThoseBehind(memberId);
            }
            settle(home);
            return answer.apply(decided, written);
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock, which is given up while something is still on its way to the log. */
    private void comeToRights() {
        while (isAstray || log.hasFailed()) {
            if (log.isQuiet()) {
                readAgain();
            } else {
                broker.callerWait().requireMayWait();
                lock.unlock();
                try {
                    broker.callerWait().until(log::isQuiet, FOREVER, null);
                    broker.callerWait().requireOpen();
                } finally {
                    lock.lock();
                }
            }
        }
    }

    private static boolean concernsMembers(List<GroupEvent> events) {
        return events.stream().anyMatch(event -> !(event instanceof Committed || event instanceof Forgotten));
    }

    private void expireWhenDue() {
        Moment moment = moment();
        if (moment.nowNs() - expiryDueNs >= 0) {
            expiryDueNs = moment.nowNs() + EXPIRY_INTERVAL_NS;
            for (LocalGroup group : List.copyOf(groups.values())) {
                List<GroupEvent> events = new ArrayList<>();
                group.core().onExpiry(RETENTION_MS, moment, events);
                log.append(group.name(), events);
                settle(group);
            }
        }
    }

    /** Fails with what the log failed with. */
    private static void await(CompletableFuture<?> written) {
        try {
            written.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    @Override
    public void onTopicsChanged() {
        topicsVersion.incrementAndGet();
        everybody.forEach(Presence::call);
    }

    @Override
    public void onBrokerClosed() {
        everybody.forEach(Presence::call);
    }

    /** Those of them that are there now. */
    public List<Partition> partitions(Set<TopicPartition> ids) {
        List<Partition> partitions = new ArrayList<>();
        for (TopicPartition id : ids) {
            OpenTopic topic = topics().byName().get(id.topic());
            if (topic != null && id.partition() < topic.partitions().size()) {
                partitions.add(topic.partition(id.partition()));
            }
        }
        return partitions;
    }

    /** Null when there is none of that name now. */
    public @Nullable OpenTopic topic(String name) {
        return topics().byName().get(name);
    }

    /** The names of those that there are now, but for internal ones. */
    public Set<String> topicNames() {
        Set<String> names = new TreeSet<>(topics().byName().keySet());
        names.removeIf(TopicsCore::isInternal);
        return names;
    }

    private Moment moment() {
        return new Moment(
                topics().counts(), broker.clock().nowNs(), broker.clock().epochMs());
    }

    private TopicsSeen topics() {
        int version = topicsVersion.get();
        if (version != topicsSeen.version()) {
            Map<String, OpenTopic> byName = new TreeMap<>();
            Map<String, Integer> counts = new HashMap<>();
            for (OpenTopic topic : broker.openTopics()) {
                byName.put(topic.name(), topic);
                counts.put(topic.name(), topic.partitions().size());
            }
            topicsSeen = new TopicsSeen(version, byName, counts);
        }
        return topicsSeen;
    }
}
