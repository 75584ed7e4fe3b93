package io.tidemill.groups.local;

import io.tidemill.TopicPartition;
import io.tidemill.broker.HostBroker;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.metadata.TopicsCore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The broker's topics, looked at again only after they changed. Any thread. */
public final class TopicsView {
    private final HostBroker broker;
    private final AtomicInteger version = new AtomicInteger();
    private volatile Seen seen = new Seen(-1, Map.of(), Map.of());

    /** At one moment. */
    private record Seen(int version, Map<String, OpenTopic> byName, Map<String, Integer> counts) {}

    TopicsView(HostBroker broker) {
        this.broker = broker;
    }

    void onChanged() {
        version.incrementAndGet();
    }

    private Seen look() {
        int current = version.get();
        if (current != seen.version()) {
            Map<String, OpenTopic> byName = new TreeMap<>();
            Map<String, Integer> counts = new HashMap<>();
            for (OpenTopic topic : broker.openTopics()) {
                byName.put(topic.name(), topic);
                counts.put(topic.name(), topic.partitions().size());
            }
            seen = new Seen(current, byName, counts);
        }
        return seen;
    }

    /** How many partitions each has. */
    Map<String, Integer> counts() {
        return look().counts();
    }

    /** Null when there is none of that name. */
    public @Nullable OpenTopic find(String name) {
        return look().byName().get(name);
    }

    /** Null when there is none. */
    public @Nullable Partition find(TopicPartition id) {
        OpenTopic topic = find(id.topic());
        return topic != null && id.partition() < topic.partitions().size() ? topic.partition(id.partition()) : null;
    }

    /** Those of them that there are. */
    public List<Partition> findAll(Set<TopicPartition> ids) {
        List<Partition> partitions = new ArrayList<>();
        for (TopicPartition id : ids) {
            Partition partition = find(id);
            if (partition != null) {
                partitions.add(partition);
            }
        }
        return partitions;
    }

    /** But for internal ones. */
    public Set<String> names() {
        Set<String> names = new TreeSet<>(look().byName().keySet());
        names.removeIf(TopicsCore::isInternal);
        return names;
    }
}
