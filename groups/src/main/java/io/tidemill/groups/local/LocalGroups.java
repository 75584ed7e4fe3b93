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
        Seen seen = coordinator.request(group, (home, events) -> {
            requireKnown(group, home.core());
            coordinator.tick(home, events);
            return see(home.core());
        });
        return new GroupDescription(group, seen.state(), seen.epoch(), seen.members(), progress(seen));
    }

    /** What a group is, without what its partitions are like. */
    private record Seen(
            State state,
            int epoch,
            List<MemberDescription> members,
            Map<TopicPartition, OffsetAndMetadata> committed,
            Map<TopicPartition, String> owners,
            Set<TopicPartition> partitions) {}

    private Seen see(GroupCore core) {
        List<MemberDescription> members = core.members().stream()
                .map(member -> new MemberDescription(
                        member.id(),
                        member.instanceId(),
                        member.isAway(),
                        member.topics(),
                        member.assigned(),
                        member.target()))
                .toList();
        Set<TopicPartition> partitions = new HashSet<>(core.committed().keySet());
        core.partitions().forEach((topic, count) -> {
            for (int partition = 0; partition < count; partition++) {
                partitions.add(new TopicPartition(topic, partition));
            }
        });
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
        Map<TopicPartition, String> owners = new HashMap<>();
        for (TopicPartition partition : partitions) {
            CommittedOffset offset = coordinator.committed(core, partition);
            if (offset != null) {
                committed.put(partition, new OffsetAndMetadata(offset.offset(), offset.metadata()));
            }
            String owner = core.owner(partition);
            if (owner != null) {
                owners.put(partition, owner);
            }
        }
        return new Seen(state(core), core.epoch(), members, committed, owners, partitions);
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

    private Map<TopicPartition, PartitionProgress> progress(Seen seen) {
        Map<TopicPartition, PartitionProgress> progress = new HashMap<>();
        for (Partition partition : topics.findAll(seen.partitions())) {
            TopicPartition id = partition.id();
            partition.awaitBounds();
            progress.put(
                    id,
                    new PartitionProgress(
                            seen.committed().get(id),
                            seen.owners().get(id),
                            partition.startOffset(),
                            partition.committedAcquire()));
        }
        return progress;
    }

    @Override
    public Map<TopicPartition, Long> previewReset(String group, Set<TopicPartition> partitions, OffsetPlace place) {
        requireName(group);
        Map<TopicPartition, CommittedOffset> committed = coordinator.committed(group, partitions);
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (TopicPartition id : partitions) {
            Partition partition = topics.find(id);
            if (partition == null) {
                throw gone(id);
            }
            CommittedOffset known = committed.get(id);
            offsets.put(id, places.offset(partition, known == null ? null : known.offset(), place));
        }
        return offsets;
    }

    @Override
    public Map<TopicPartition, Long> reset(String group, Set<TopicPartition> partitions, OffsetPlace place) {
        Map<TopicPartition, Long> offsets = previewReset(group, partitions, place);
        return coordinator.request(group, (home, events) -> {
            coordinator.tick(home, events);
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
        coordinator.request(group, (home, events) -> {
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
