package io.tidemill.consumer;

import io.tidemill.IsolationLevel;
import io.tidemill.TopicPartition;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.runtime.Wakeup;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions a consumer reads: all of some topics, as many as those have, or the ones that were named. Guarded by the
 * consumer's lock.
 */
final class Assignment {
    /** Where new partitions of a topic are read from: nothing that is in them was there before. */
    private static final OffsetReset AT_START = reader -> true;

    private final IsolationLevel isolation;
    private final OffsetReset reset;
    /** Signalled when there is more in one of them. */
    private final Wakeup wakeup;

    /** How many partitions of each topic were followed; empty when partitions were named. */
    private Map<OpenTopic, Integer> topics = Map.of();

    private Map<TopicPartition, AssignedPartition> byId = Map.of();
    /** The same in a row. */
    private List<AssignedPartition> partitions = List.of();

    Assignment(IsolationLevel isolation, OffsetReset reset, Wakeup wakeup) {
        this.isolation = isolation;
        this.reset = reset;
        this.wakeup = wakeup;
    }

    void subscribe(Collection<OpenTopic> subscribed) {
        if (subscribed.isEmpty()) {
            clear();
            return;
        }
        if (topics.isEmpty() && !partitions.isEmpty()) {
            throw new IllegalStateException(
                    "partitions were assigned; unsubscribe before: assignment=" + byId.keySet());
        }
        followGrowth();
        follow(new LinkedHashSet<>(subscribed), reset);
    }

    /** Reads all that these topics have by now. */
    private void follow(Set<OpenTopic> followed, OffsetReset entry) {
        Set<Partition> wanted = new LinkedHashSet<>();
        Map<OpenTopic, Integer> counts = new LinkedHashMap<>();
        for (OpenTopic topic : followed) {
            List<Partition> there = topic.partitions();
            wanted.addAll(there);
            counts.put(topic, there.size());
        }
        become(wanted, entry);
        topics = counts;
    }

    void assign(Collection<Partition> assigned) {
        if (assigned.isEmpty()) {
            clear();
            return;
        }
        if (!topics.isEmpty()) {
            throw new IllegalStateException(
                    "topics were subscribed; unsubscribe before: subscription=" + subscription());
        }
        become(new LinkedHashSet<>(assigned), reset);
    }

    /** As many as there are, also none; new ones from these positions, or else as by {@link #assign}. */
    void assignAt(Collection<Partition> assigned, Map<TopicPartition, Long> positions) {
        become(new LinkedHashSet<>(assigned), reader -> {
            Long position = positions.get(reader.partition().id());
            if (position == null) {
                return reset.tryReset(reader);
            }
            reader.seek(position);
            return true;
        });
    }

    void clear() {
        topics = Map.of();
        become(Set.of(), reset);
    }

    /** Reads these, all of them or else nothing changes; new ones from where the entry puts them. */
    private void become(Set<Partition> wanted, OffsetReset entry) {
        Map<TopicPartition, AssignedPartition> next = new LinkedHashMap<>();
        List<AssignedPartition> added = new ArrayList<>();
        try {
            for (Partition partition : wanted) {
                AssignedPartition present = byId.get(partition.id());
                // By identity: a topic of that name may have been deleted and created again.
                if (present == null || present.partition() != partition) {
                    present = open(partition);
                    added.add(present);
                    if (!entry.tryReset(present.reader())) {
                        present.reader().forgetPosition();
                    }
                }
                next.put(present.id(), present);
            }
        } catch (Throwable e) {
            added.forEach(this::close);
            throw e;
        }
        for (AssignedPartition present : partitions) {
            if (next.get(present.id()) != present) {
                close(present);
            }
        }
        byId = next;
        partitions = List.copyOf(next.values());
    }

    /** At its start. */
    private AssignedPartition open(Partition partition) {
        AssignedPartition opened = new AssignedPartition(new PartitionReader(partition, isolation, reset));
        partition.addWaiting(wakeup);
        return opened;
    }

    private void close(AssignedPartition partition) {
        partition.partition().removeWaiting(wakeup);
        partition.close();
    }

    /** Keeps the names of what it read. */
    void close() {
        partitions.forEach(this::close);
    }

    void followGrowth() {
        boolean hasGrown = false;
        for (Map.Entry<OpenTopic, Integer> followed : topics.entrySet()) {
            hasGrown |= followed.getKey().partitions().size() > followed.getValue();
        }
        if (hasGrown) {
            follow(topics.keySet(), AT_START);
        }
    }

    /** Does not change; there is another one then. */
    List<AssignedPartition> partitions() {
        return partitions;
    }

    Set<String> subscription() {
        Set<String> names = new LinkedHashSet<>();
        topics.keySet().forEach(topic -> names.add(topic.name()));
        return names;
    }

    Set<TopicPartition> ids() {
        return new LinkedHashSet<>(byId.keySet());
    }

    /** Null when it is not read. */
    @Nullable
    AssignedPartition find(TopicPartition id) {
        return byId.get(id);
    }

    AssignedPartition require(TopicPartition id) {
        AssignedPartition partition = byId.get(id);
        if (partition == null) {
            throw new IllegalStateException(
                    "the consumer does not read that partition: partition=" + id + ", assignment=" + byId.keySet());
        }
        return partition;
    }

    List<AssignedPartition> requireAll(Collection<TopicPartition> ids) {
        return ids.stream().map(this::require).toList();
    }
}
