package io.tidemill.groups.local;

import io.tidemill.Broker;
import io.tidemill.TopicPartition;
import io.tidemill.broker.HostBroker;
import io.tidemill.errors.GroupIdNotFoundException;
import io.tidemill.errors.GroupNotEmptyException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.groups.GroupDescription;
import io.tidemill.groups.GroupDescription.MemberDescription;
import io.tidemill.groups.GroupDescription.PartitionProgress;
import io.tidemill.groups.GroupDescription.State;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetAndMetadata;
import io.tidemill.groups.OffsetPlace;
import io.tidemill.groups.coordinator.CommittedOffset;
import io.tidemill.groups.coordinator.GroupCore;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.Refusal;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What may be asked of a broker's groups from outside. Any thread. */
public final class LocalGroups implements Groups {
    private final HostBroker broker;
    private final LocalCoordinator coordinator;
    private final TopicsView topics;
    private final Places places;

    private LocalGroups(HostBroker broker) {
        this.broker = broker;
        this.coordinator = LocalCoordinator.of(broker);
        this.topics = coordinator.topics();
        this.places = new Places(broker);
    }

    public static Groups of(Broker broker) {
        return new LocalGroups(HostBroker.of(broker));
    }

    @Override
    public Set<String> names() {
        return coordinator.names();
    }

    @Override
    public GroupDescription describe(String group) {
        return coordinator.request(group, null, (home, events) -> {
            requireKnown(group, home.core());
            coordinator.tick(home, events);
            return describe(group, home.core());
        });
    }

    private GroupDescription describe(String group, GroupCore core) {
        List<MemberDescription> members = core.members().stream()
                .map(member -> new MemberDescription(
                        member.id(),
                        member.instanceId(),
                        member.isAway(),
                        member.topics(),
                        member.assigned(),
                        member.target()))
                .toList();
        return new GroupDescription(group, state(core), core.epoch(), members, progress(core));
    }

    private static State state(GroupCore core) {
        if (core.members().isEmpty()) {
            return State.EMPTY;
        }
        boolean isSettled = core.members().stream()
                .allMatch(member -> member.isAway()
                        || (member.epoch() == core.epoch() && member.assigned().equals(member.target())));
        return isSettled ? State.STABLE : State.RECONCILING;
    }

    private Map<TopicPartition, PartitionProgress> progress(GroupCore core) {
        Set<TopicPartition> ids = new HashSet<>(core.committed().keySet());
        core.partitions().forEach((topic, count) -> {
            for (int partition = 0; partition < count; partition++) {
                ids.add(new TopicPartition(topic, partition));
            }
        });
        Map<TopicPartition, PartitionProgress> progress = new HashMap<>();
        for (Partition partition : topics.findAll(ids)) {
            CommittedOffset committed = coordinator.committed(core, partition.id());
            progress.put(
                    partition.id(),
                    new PartitionProgress(
                            committed == null ? null : new OffsetAndMetadata(committed.offset(), committed.metadata()),
                            core.owner(partition.id()),
                            partition.startOffset(),
                            partition.committedAcquire()));
        }
        return progress;
    }

    @Override
    public Map<TopicPartition, Long> previewReset(String group, Set<TopicPartition> partitions, OffsetPlace place) {
        requireName(group);
        return coordinator.request(group, null, (home, events) -> offsets(home.core(), partitions, place));
    }

    @Override
    public Map<TopicPartition, Long> reset(String group, Set<TopicPartition> partitions, OffsetPlace place) {
        requireName(group);
        return coordinator.request(group, null, (home, events) -> {
            coordinator.tick(home, events);
            Map<TopicPartition, Long> offsets = offsets(home.core(), partitions, place);
            Map<TopicPartition, CommittedOffset> committed = new HashMap<>();
            long nowMs = broker.clock().epochMs();
            offsets.forEach((id, offset) -> {
                OpenTopic topic = topics.find(id.topic());
                if (topic == null) {
                    throw gone(id);
                }
                committed.put(id, new CommittedOffset(topic.id(), offset, "", nowMs));
            });
            requireDone(group, home.core().onReset(committed, events));
            return offsets;
        });
    }

    private Map<TopicPartition, Long> offsets(GroupCore core, Set<TopicPartition> ids, OffsetPlace place) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (TopicPartition id : ids) {
            Partition partition = topics.find(id);
            if (partition == null) {
                throw gone(id);
            }
            CommittedOffset committed = coordinator.committed(core, id);
            offsets.put(id, places.offset(partition, committed == null ? null : committed.offset(), place));
        }
        return offsets;
    }

    private static UnknownTopicOrPartitionException gone(TopicPartition id) {
        return new UnknownTopicOrPartitionException("no such partition, nothing was changed: partition=" + id);
    }

    @Override
    public void delete(String group) {
        change(group, (core, events) -> core.onDelete(events));
    }

    @Override
    public void deleteOffsets(String group, Set<TopicPartition> partitions) {
        change(group, (core, events) -> core.onForget(partitions, events));
    }

    private void change(String group, BiFunction<GroupCore, List<GroupEvent>, @Nullable Refusal> act) {
        coordinator.request(group, null, (home, events) -> {
            requireKnown(group, home.core());
            coordinator.tick(home, events);
            requireDone(group, act.apply(home.core(), events));
            return true;
        });
    }

    private static void requireName(String group) {
        if (group.isEmpty()) {
            throw new IllegalArgumentException("group.id must not be empty");
        }
    }

    private static void requireKnown(String group, GroupCore core) {
        if (core.isNone()) {
            throw new GroupIdNotFoundException("no such group: group=" + group);
        }
    }

    private static void requireDone(String group, @Nullable Refusal refusal) {
        if (refusal != null) {
            throw new GroupNotEmptyException(
                    "the group has members that read this; close them first: group=" + group + ", reason=" + refusal);
        }
    }
}
