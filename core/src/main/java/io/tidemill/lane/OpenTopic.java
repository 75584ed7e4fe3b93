package io.tidemill.lane;

import io.tidemill.TopicSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A topic as long as the broker is open: what its handles share, and see change. */
public final class OpenTopic {
    private final UUID id;
    private final String name;
    private volatile TopicSettings settings;
    private volatile List<Partition> partitions;

    public OpenTopic(UUID id, String name, TopicSettings settings, List<Partition> partitions) {
        this.id = id;
        this.name = name;
        this.settings = settings;
        this.partitions = List.copyOf(partitions);
    }

    public UUID id() {
        return id;
    }

    public String name() {
        return name;
    }

    public TopicSettings settings() {
        return settings;
    }

    /** Those that there are now; later ones come behind them. */
    public List<Partition> partitions() {
        return partitions;
    }

    /**
     * The partition of that number.
     *
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is none
     */
    public Partition partition(int index) {
        List<Partition> all = partitions;
        Partition.requireIndex(index, name, all.size());
        return all.get(index);
    }

    /** From now on it has other settings, and some more partitions. One thread at a time. */
    public void alter(TopicSettings newSettings, List<Partition> more) {
        partitions.forEach(partition -> partition.alter(newSettings));
        List<Partition> all = new ArrayList<>(partitions);
        all.addAll(more);
        partitions = List.copyOf(all);
        settings = newSettings;
        // Who waits for records waits for those of the new ones, too.
        partitions.forEach(Partition::signalWaiting);
    }

    /** From now on nobody gets anything from it or into it. */
    public void markRemoved() {
        partitions.forEach(Partition::markRemoved);
    }
}
