package io.tidemill.broker;

import io.tidemill.TopicSettings;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.metadata.TopicsCore;
import io.tidemill.spi.PartitionLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Those topics of a broker whose logs are open: their partitions in lanes, and what the handles share. Any thread looks, one at
 * a time changes.
 */
public final class OpenTopics {
    private final Lanes lanes;
    private final LazyMaintenance maintenance;
    private final boolean isReadOnly;
    /** Told after topics or other brokers came, changed or went. */
    private final Runnable onChanged;

    private final Map<String, OpenTopic> byName = new ConcurrentHashMap<>();

    OpenTopics(Lanes lanes, LazyMaintenance maintenance, boolean isReadOnly, Runnable onChanged) {
        this.lanes = lanes;
        this.maintenance = maintenance;
        this.isReadOnly = isReadOnly;
        this.onChanged = onChanged;
    }

    public @Nullable OpenTopic find(String name) {
        return byName.get(name);
    }

    public Collection<OpenTopic> all() {
        return byName.values();
    }

    /** Without the internal ones. */
    public Set<String> names() {
        return byName.keySet().stream()
                .filter(name -> !TopicsCore.isInternal(name))
                .collect(Collectors.toUnmodifiableSet());
    }

    public List<Partition> allPartitions() {
        return byName.values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .toList();
    }

    /** A topic is there from now on, and these are the logs of its partitions. */
    public void attach(UUID id, String name, TopicSettings settings, List<PartitionLog> opened) {
        byName.put(name, new OpenTopic(id, name, settings, addToLanes(name, 0, settings, opened)));
        onChanged.run();
    }

    /** It has other settings from now on, and some more partitions. */
    public void alter(OpenTopic topic, TopicSettings settings, List<PartitionLog> more) {
        topic.alter(settings, addToLanes(topic.name(), topic.partitions().size(), settings, more));
        if (!isReadOnly) {
            maintenance.onAltered(topic.partitions());
        }
        onChanged.run();
    }

    private List<Partition> addToLanes(
            String topic, int firstPartition, TopicSettings settings, List<PartitionLog> opened) {
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < opened.size(); i++) {
            partitions.add(lanes.add(topic, firstPartition + i, settings, opened.get(i)));
        }
        if (!isReadOnly) {
            maintenance.addAll(partitions, opened);
        }
        return partitions;
    }

    /** Other brokers came or went. */
    public void onPeersChanged() {
        onChanged.run();
    }

    /** What has to be looked at from time to time is, from now on. */
    public void startChecks() {
        maintenance.startChecks();
    }

    /**
     * Lets go of a topic that is gone.
     *
     * @param onReleased called when nobody touches its logs any more; by a lane
     */
    public void detach(OpenTopic topic, Runnable onReleased) {
        byName.remove(topic.name(), topic);
        topic.markRemoved();
        onChanged.run();
        maintenance.removeAll(topic.partitions());
        AtomicInteger left = new AtomicInteger(topic.partitions().size());
        topic.partitions()
                .forEach(partition -> lanes.remove(partition, () -> {
                    if (left.decrementAndGet() == 0) {
                        onReleased.run();
                    }
                }));
    }
}
