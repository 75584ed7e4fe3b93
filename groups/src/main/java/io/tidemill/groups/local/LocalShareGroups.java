package io.tidemill.groups.local;

import io.tidemill.Broker;
import io.tidemill.TopicPartition;
import io.tidemill.broker.HostBroker;
import io.tidemill.errors.GroupIdNotFoundException;
import io.tidemill.errors.GroupNotEmptyException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.groups.OffsetPlace;
import io.tidemill.groups.ShareGroupDescription;
import io.tidemill.groups.ShareGroupDescription.SharedProgress;
import io.tidemill.groups.ShareGroups;
import io.tidemill.groups.sharing.RecordRun;
import io.tidemill.groups.sharing.RecordState.Acquired;
import io.tidemill.groups.sharing.RecordState.Archiving;
import io.tidemill.groups.sharing.RecordState.Available;
import io.tidemill.lane.Partition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What may be asked of a broker's share groups from outside. Any thread. */
public final class LocalShareGroups implements ShareGroups {
    private final HostBroker broker;
    private final LocalSharing sharing;
    private final Places places;

    private LocalShareGroups(HostBroker broker) {
        this.broker = broker;
        this.sharing = LocalSharing.of(broker);
        this.places = new Places(broker);
    }

    public static ShareGroups of(Broker broker) {
        return new LocalShareGroups(HostBroker.of(broker));
    }

    @Override
    public Set<String> names() {
        return sharing.names();
    }

    @Override
    public ShareGroupDescription describe(String group) {
        return sharing.request(group, LocalSharing.NOBODY, home -> {
            requireKnown(home);
            Map<TopicPartition, SharedProgress> progress = new HashMap<>();
            for (SharedPartition shared : home.partitions()) {
                Partition partition = sharing.find(shared);
                if (partition != null) {
                    tick(home, shared, partition);
                    progress.put(shared.id(), progress(shared, partition));
                }
            }
            return new ShareGroupDescription(group, Set.copyOf(home.memberIds()), progress);
        });
    }

    /** Whoever only reads leaves that to who writes. */
    private void tick(SharedGroup group, SharedPartition shared, Partition partition) {
        if (!broker.isReadOnly()) {
            shared.tick(partition, broker.clock().nowNs());
            group.settle(shared);
        }
    }

    private static SharedProgress progress(SharedPartition shared, Partition partition) {
        long locked = 0;
        long released = 0;
        long deadLetters = 0;
        List<RecordRun> runs = shared.core().state().runs();
        for (RecordRun run : runs) {
            locked += run.state() instanceof Acquired ? run.records() : 0;
            released += run.state() instanceof Available ? run.records() : 0;
            deadLetters += run.state() instanceof Archiving ? run.records() : 0;
        }
        return new SharedProgress(
                shared.core().startOffset(),
                shared.core().endOffset(),
                partition.committedAcquire(),
                locked,
                released,
                deadLetters);
    }

    @Override
    public Map<TopicPartition, Long> reset(String group, Set<TopicPartition> ids, OffsetPlace place) {
        return sharing.request(group, LocalSharing.NOBODY, home -> {
            requireEmpty(home);
            Map<TopicPartition, Long> offsets = new HashMap<>();
            for (TopicPartition id : ids) {
                Partition partition = sharing.topics().find(id);
                if (partition == null) {
                    throw new UnknownTopicOrPartitionException(
                            "no such partition, nothing was changed: partition=" + id);
                }
                SharedPartition shared = home.find(id);
                Long known = shared != null && sharing.find(shared) == partition
                        ? shared.core().startOffset()
                        : null;
                offsets.put(id, places.offset(partition, known, place));
            }
            sharing.reset(home, offsets);
            return offsets;
        });
    }

    @Override
    public void delete(String group) {
        sharing.request(group, LocalSharing.NOBODY, home -> {
            requireKnown(home);
            requireEmpty(home);
            List.copyOf(home.partitions()).forEach(shared -> home.forget(shared.id()));
            return true;
        });
    }

    private static void requireKnown(SharedGroup group) {
        if (group.isNone()) {
            throw new GroupIdNotFoundException("no such share group: group=" + group.name());
        }
    }

    private static void requireEmpty(SharedGroup group) {
        if (!group.memberIds().isEmpty()) {
            throw new GroupNotEmptyException("the share group has members; close them first: group=" + group.name()
                    + ", members=" + group.memberIds());
        }
    }
}
