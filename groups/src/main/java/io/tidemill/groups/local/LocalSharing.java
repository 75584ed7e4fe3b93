package io.tidemill.groups.local;

import io.tidemill.AutoOffsetReset;
import io.tidemill.Broker;
import io.tidemill.ProducerRecord;
import io.tidemill.TopicPartition;
import io.tidemill.broker.Companion;
import io.tidemill.broker.HostBroker;
import io.tidemill.errors.ReadOnlyException;
import io.tidemill.groups.ShareGroupSettings;
import io.tidemill.groups.sharing.Delivery;
import io.tidemill.groups.sharing.ShareEventLayout;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What all share groups of a broker on one node have given out. As {@link LocalCoordinator} it has no thread: each request looks first
 * whose time is over, and whoever waits in a poll waits no longer than until the next such look may find something.
 *
 * <p>How a request is decided is told by {@link Decisions}. It changes some partitions, and the state of each of these is written, once:
 * also when records are only given out, as a record that takes its JVM along must be known to have been delivered. Where the states had
 * to be read again, nobody has anything any more.
 *
 * <p>Any thread.
 */
public final class LocalSharing implements Companion {
    private static final String TOPIC = "__share_group_state";

    /** No member has that name. */
    static final String NOBODY = "";

    private final HostBroker broker;
    private final TopicsView topics;
    private final Places places;
    private final EventLog log;
    private final Decisions decisions;
    private final DeadLetterCopies copies;
    private final Map<String, SharedGroup> groups = new TreeMap<>();
    /** Of all groups. Changed under the lock, read without it. */
    private final Set<Presence> everybody = ConcurrentHashMap.newKeySet();

    /**
     * What a member is given.
     *
     * @param quietNs how long it need not ask again unless it is called or more is appended
     */
    public record Turn(Heard heard, List<Taken> taken, long quietNs) {}

    /** The one of that broker. */
    public static LocalSharing of(Broker broker) {
        return HostBroker.of(broker).requireAlone("share groups").companion(LocalSharing.class, LocalSharing::new);
    }

    private LocalSharing(HostBroker broker) {
        this.broker = broker;
        this.topics = new TopicsView(broker);
        this.places = new Places(broker);
        this.log = new EventLog(broker, TOPIC);
        this.decisions = new Decisions(broker, log, this::replay);
        this.copies = new DeadLetterCopies(broker, this);
        decisions.readAgain();
    }

    /** Makes the groups what the log says. */
    private void replay() {
        groups.values().forEach(SharedGroup::clear);
        log.replay(this::replay);
        for (SharedGroup group : List.copyOf(groups.values())) {
            for (SharedPartition shared : List.copyOf(group.partitions())) {
                if (find(shared) == null) {
                    group.forget(shared.id());
                }
            }
            group.followSettings();
            List<ProducerRecord<byte[], byte[]>> changes = new ArrayList<>();
            takeChanges(group, NOBODY, changes);
            if (!broker.isReadOnly()) {
                append(changes);
            }
            settle(group);
        }
        everybody.forEach(Presence::call);
    }

    private void replay(long offset, byte[] key, byte @Nullable [] value) {
        SharedGroup group = groups.computeIfAbsent(ShareEventLayout.group(key), SharedGroup::new);
        TopicPartition id = ShareEventLayout.partition(key);
        if (value == null) {
            group.remove(id);
            return;
        }
        SharedPartition shared = new SharedPartition(id, ShareEventLayout.topicId(value), group.sharing());
        shared.core().replay(ShareEventLayout.state(value));
        cutLostTail(shared, offset);
        group.put(shared);
    }

    /** An earlier run of the broker may have given out records that this one did not find any more. */
    private void cutLostTail(SharedPartition shared, long eventOffset) {
        Partition states = topics.find(new TopicPartition(TOPIC, 0));
        Partition partition = find(shared);
        boolean isOfThisRun = states == null || eventOffset >= states.openedEndOffset() || broker.isReadOnly();
        if (!isOfThisRun && partition != null) {
            shared.change(events -> shared.core().onTailLost(partition.openedEndOffset(), events));
        }
    }

    /** Null when it is gone, or of another topic by now. */
    @Nullable
    Partition find(SharedPartition shared) {
        OpenTopic topic = topics.find(shared.id().topic());
        return topic != null && topic.id().equals(shared.topicId()) ? topics.find(shared.id()) : null;
    }

    /** What is to be written of it; and whoever may get something of that now is called. */
    private void takeChanges(SharedGroup group, String memberId, List<ProducerRecord<byte[], byte[]>> changes) {
        for (TopicPartition forgotten : group.takeForgotten()) {
            changes.add(ProducerRecord.of(ShareEventLayout.key(group.name(), forgotten), null));
        }
        boolean hasSomething = false;
        for (SharedPartition shared : group.takeChanged()) {
            changes.add(ProducerRecord.of(
                    ShareEventLayout.key(group.name(), shared.id()),
                    ShareEventLayout.value(shared.topicId(), shared.core().state())));
            Partition partition = find(shared);
            hasSomething |= partition != null && shared.hasSomething(partition);
        }
        if (hasSomething) {
            group.callOthers(memberId);
        }
    }

    /** Each by itself: partitions do not depend on each other, and many in one batch may be too many. */
    private CompletableFuture<?> append(List<ProducerRecord<byte[], byte[]>> changes) {
        changes.forEach(change -> log.append(List.of(change)));
        return log.append(List.of());
    }

    private void settle(SharedGroup group) {
        everybody.removeAll(group.removeDead());
        if (group.isNone()) {
            groups.remove(group.name());
        }
    }

    /** A member comes, and its settings are the group's from now on. */
    public void join(ShareMember member, ShareGroupSettings settings) {
        if (broker.isReadOnly()) {
            throw new ReadOnlyException(
                    "the broker was opened to read only, and members of groups write: group=" + member.group());
        }
        request(member.group(), member.memberId(), home -> {
            welcome(home, member);
            home.decideBy(settings);
            // A topic that was created again is shared from its start: nothing in it was there before.
            AutoOffsetReset reset =
                    home.knows(member.topic()) ? AutoOffsetReset.earliest() : settings.autoOffsetReset();
            OpenTopic topic = topics.find(member.topic());
            if (topic != null) {
                topic.partitions().forEach(partition -> shared(home, topic, partition, reset));
            }
            return true;
        });
    }

    /** Also one whose thread had ended, and that another thread uses now. */
    private void welcome(SharedGroup group, ShareMember member) {
        group.add(member.memberId(), member.presence());
        everybody.add(member.presence());
    }

    /** The one that is there, or one that begins. */
    private SharedPartition shared(SharedGroup group, OpenTopic topic, Partition partition, AutoOffsetReset reset) {
        SharedPartition present = group.find(partition.id());
        if (present != null && present.topicId().equals(topic.id())) {
            return present;
        }
        return begin(group, topic, partition, places.offset(partition, null, places.beginning(reset)));
    }

    /** Whatever it was, nothing is given out of it. */
    private static SharedPartition begin(SharedGroup group, OpenTopic topic, Partition partition, long offset) {
        SharedPartition begun = new SharedPartition(partition.id(), topic.id(), group.sharing());
        begun.beginAt(offset);
        group.put(begun);
        return begun;
    }

    /** A group goes on there, whatever it has given out. */
    void reset(SharedGroup group, Map<TopicPartition, Long> offsets) {
        offsets.forEach((id, offset) -> {
            OpenTopic topic = topics.find(id.topic());
            if (topic != null) {
                begin(group, topic, topic.partition(id.partition()), offset);
            }
        });
    }

    /** All that there are, by name. Asked as by {@link #request}. */
    Set<String> names() {
        return request(NOBODY, NOBODY, home -> {
            Set<String> names = new TreeSet<>(groups.keySet());
            names.remove(NOBODY);
            return names;
        });
    }

    /**
     * A member says what became of records, and asks for others.
     *
     * @param recordsMax at most so many
     * @param first which partition to begin with, of those that the topic has
     */
    public Turn take(ShareMember member, List<Verdict> verdicts, int recordsMax, int first) {
        return request(member.group(), member.memberId(), home -> {
            welcome(home, member);
            List<Verdict> refused = hear(home, member.memberId(), verdicts);
            OpenTopic topic = topics.find(member.topic());
            List<Taken> taken = new ArrayList<>();
            long quietNs =
                    topic == null ? Long.MAX_VALUE : take(home, member.memberId(), topic, recordsMax, first, taken);
            boolean hasDeadLetters = home.hasDeadLetters();
            return new Turn(
                    new Heard(refused, hasDeadLetters),
                    taken,
                    hasDeadLetters ? Math.min(quietNs, DeadLetterCopies.RETRY_NS) : quietNs);
        });
    }

    /** Answers how long it is before there may be more that somebody loses. */
    private long take(
            SharedGroup group, String memberId, OpenTopic topic, int recordsMax, int first, List<Taken> taken) {
        List<Partition> partitions = topic.partitions();
        long nowNs = broker.clock().nowNs();
        long quietNs = Long.MAX_VALUE;
        int recordsLeft = recordsMax;
        for (int i = 0; i < partitions.size(); i++) {
            Partition partition = partitions.get(Math.floorMod(first + i, partitions.size()));
            // One that came since the member joined has only what nobody had.
            SharedPartition shared = shared(group, topic, partition, AutoOffsetReset.earliest());
            shared.tick(partition, nowNs);
            group.settle(shared);
            List<Delivery> deliveries = shared.acquire(memberId, partition, recordsLeft, nowNs);
            if (!deliveries.isEmpty()) {
                Taken ofOne = new Taken(partition, deliveries);
                taken.add(ofOne);
                recordsLeft -= ofOne.offsets();
            }
            quietNs = Math.min(quietNs, shared.core().idleNsMax(nowNs));
        }
        return quietNs;
    }

    /** A member says what became of records, and does not wait until that is written. */
    public Told tell(ShareMember member, List<Verdict> verdicts) {
        broker.callerWait().requireOpen();
        String memberId = member.memberId();
        return decisions.decide(
                question(member.group(), memberId, home -> heard(home, memberId, verdicts)), this::append, Told::new);
    }

    /**
     * How it was taken what a member said.
     *
     * @param refused what was said too late
     * @param hasDeadLetters whether there is something to {@link #copyDeadLetters copy}
     */
    public record Heard(List<Verdict> refused, boolean hasDeadLetters) {}

    /** The same, and what completes when it is written. */
    public record Told(Heard heard, CompletableFuture<?> written) {}

    private Heard heard(SharedGroup group, String memberId, List<Verdict> verdicts) {
        List<Verdict> refused = hear(group, memberId, verdicts);
        return new Heard(refused, group.hasDeadLetters());
    }

    /**
     * Answers those that it said too late. A member speaks of all that it has before it is given more, so what it has of a partition
     * is never of two topics of one name.
     */
    private List<Verdict> hear(SharedGroup group, String memberId, List<Verdict> verdicts) {
        List<Verdict> refused = new ArrayList<>();
        for (Verdict verdict : verdicts) {
            SharedPartition shared = group.find(verdict.partition());
            if (shared == null) {
                refused.add(verdict);
            } else {
                shared.acknowledge(memberId, verdict, refused);
                group.settle(shared);
            }
        }
        return refused;
    }

    /** A member goes; of what it says nothing, that is given back. */
    public Heard leave(ShareMember member, List<Verdict> verdicts) {
        everybody.remove(member.presence());
        return request(member.group(), member.memberId(), home -> {
            home.remove(member.memberId());
            List<Verdict> refused = hear(home, member.memberId(), verdicts);
            for (SharedPartition shared : home.partitions()) {
                shared.change(events -> shared.core().onMemberGone(member.memberId(), events));
                home.settle(shared);
            }
            return new Heard(refused, home.hasDeadLetters());
        });
    }

    /** Asks a group something, and tells the answer when what it rests on is written. */
    <T> T request(String group, String memberId, Function<SharedGroup, T> question) {
        return decisions.request(question(group, memberId, question), this::append);
    }

    private <T> Function<List<ProducerRecord<byte[], byte[]>>, T> question(
            String group, String memberId, Function<SharedGroup, T> question) {
        return changes -> {
            SharedGroup home = groups.computeIfAbsent(group, SharedGroup::new);
            try {
                return question.apply(home);
            } finally {
                takeChanges(home, memberId, changes);
                settle(home);
            }
        };
    }

    /** Copies what failed for good, if the group has a topic for that and nobody else is at it. */
    public void copyDeadLetters(String group) {
        copies.copy(group);
    }

    /** The topics of the broker. */
    public TopicsView topics() {
        return topics;
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
}
