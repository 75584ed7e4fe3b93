package io.tidemill.groups.local;

import io.tidemill.Broker;
import io.tidemill.TopicPartition;
import io.tidemill.broker.Companion;
import io.tidemill.broker.HostBroker;
import io.tidemill.broker.Incarnation;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.coordinator.CommittedOffset;
import io.tidemill.groups.coordinator.GroupCore;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.Heartbeat;
import io.tidemill.groups.coordinator.HeartbeatReply;
import io.tidemill.groups.coordinator.Refusal;
import io.tidemill.groups.local.Answering.Answer;
import io.tidemill.lane.OpenTopic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator of all groups that a broker knows; in a cluster each broker has one, and all of them decide. It has no thread: each
 * request looks first who of the group is still there, and whoever waits in a poll waits no longer than until the next such look may
 * find something.
 *
 * <p>How a request is decided is told by {@link SoleAnswering} and {@link SharedAnswering}.
 *
 * <p>Any thread.
 */
public final class LocalCoordinator implements Companion {
    private static final String TOPIC = "__consumer_offsets";

    private final HostBroker broker;
    private final GroupTable table;
    private final Answering answering;

    /** What a member is told, and how long it need not ask again unless it is called. */
    public record Turn(HeartbeatReply reply, long quietNs) {}

    /** The one of that broker. */
    public static LocalCoordinator of(Broker broker) {
        return HostBroker.of(broker).companion(LocalCoordinator.class, LocalCoordinator::new);
    }

    private LocalCoordinator(HostBroker broker) {
        this.broker = broker;
        this.table = new GroupTable(broker);
        this.answering = broker.peers().isAlone()
                ? new SoleAnswering(broker, table, TOPIC)
                : new SharedAnswering(broker, table, TOPIC);
    }

    /** Where members are that live in this broker. */
    public Incarnation home() {
        return broker.peers().self();
    }

    /** All that there are, by name. */
    Set<String> names() {
        return request(GroupTable.NOBODY, (home, events) -> table.names());
    }

    /** A member speaks, and is there. */
    public Turn heartbeat(String group, Heartbeat heartbeat, Presence presence, Assignor assignor) {
        // Before it is looked which topics there are: when they change, it is called.
        table.everybody().add(presence);
        String memberId = heartbeat.memberId();
        return answering.request(new Question<>(group, memberId, false, (home, events) -> {
            GroupCore core = home.core();
            if (heartbeat.epoch() == Heartbeat.JOINING) {
                core.decideBy(assignor);
            }
            tick(home, events);
            HeartbeatReply reply = core.onHeartbeat(heartbeat, table.moment(), events);
            if (core.find(memberId) != null) {
                home.put(memberId, presence);
            } else {
                table.everybody().remove(presence);
            }
            return new Turn(reply, home.quietNs(memberId, table.moment().nowNs()));
        }));
    }

    /** A member is none any more, or away. One that was none already is none now, too. */
    public void leave(String group, String memberId, Presence presence, boolean comesBack) {
        table.everybody().remove(presence);
        presence.onLeft();
        answering.request(new Question<>(group, memberId, false, (home, events) -> {
            home.remove(memberId);
            home.core().onLeave(memberId, comesBack, table.moment(), events);
            return true;
        }));
    }

    /** A member has read so far, of all of these or none. Answers why not, or null. */
    public Answer<Refusal> commit(
            String group, String memberId, int epoch, Map<TopicPartition, CommittedOffset> offsets) {
        return answering.ask(new Question<>(
                group, null, false, (home, events) -> home.core().onCommit(memberId, epoch, offsets, events)));
    }

    /** How far the group has read these; without those that nobody has said it of, or that are of another topic by now. */
    public Map<TopicPartition, CommittedOffset> committed(String group, Iterable<TopicPartition> partitions) {
        return request(group, (home, events) -> {
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
        OpenTopic topic = topics().find(partition.topic());
        return offset != null && topic != null && topic.id().equals(offset.topicId()) ? offset : null;
    }

    /** Asks a group something, as somebody who is no member, and tells the answer when what it rests on is written. */
    <T> T request(String group, BiFunction<LocalGroup, List<GroupEvent>, T> question) {
        return answering.request(new Question<>(group, null, true, question));
    }

    /** As {@link GroupTable#tick}. */
    void tick(LocalGroup home, List<GroupEvent> events) {
        table.tick(home, events);
    }

    @Override
    public void onMetadataChanged() {
        topics().onChanged();
        table.callEverybody();
    }

    @Override
    public int doWork() {
        return answering.doWork();
    }

    @Override
    public long idleNsMax() {
        return answering.idleNsMax();
    }

    @Override
    public void onBrokerClosing(Duration patience) {
        answering.onBrokerClosing(patience);
    }

    @Override
    public void onBrokerClosed() {
        answering.onBrokerClosed();
        table.callEverybody();
    }

    /** The topics of the broker. */
    public TopicsView topics() {
        return table.topics();
    }
}
