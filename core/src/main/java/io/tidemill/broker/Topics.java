package io.tidemill.broker;

import io.tidemill.TopicDescription;
import io.tidemill.TopicDescription.PartitionDescription;
import io.tidemill.TopicSettings;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The topics that a broker knows, and what is asked to be changed of them; when such a call returns, it is so. Any thread. */
public interface Topics {
    void create(String name, TopicSettings settings);

    /** Answers whether it was. */
    boolean createIfAbsent(String name, TopicSettings settings);

    /** One of the broker's own; answers whether it was absent. */
    boolean createInternalIfAbsent(String name, TopicSettings settings);

    void alter(String name, UnaryOperator<TopicSettings> change);

    void delete(String name);

    /** Without the internal ones. */
    Set<String> names();

    /** Internal ones too. */
    Collection<OpenTopic> all();

    /** Of all topics that are there now, and of what the broker knows of them. */
    List<Partition> allPartitions();

    /** Null when there is none of that name. */
    @Nullable
    OpenTopic find(String name);

    /** What holds where a topic does not say anything else. */
    TopicSettings topicDefaults();

    /** One that nobody had before. */
    UUID newId();

    /**
     * The topic of that name.
     *
     * @throws UnknownTopicOrPartitionException when there is none
     */
    default OpenTopic require(String name) {
        OpenTopic topic = find(name);
        if (topic == null) {
            throw new UnknownTopicOrPartitionException("no such topic: name=" + name + ", topics="
                    + all().stream().map(OpenTopic::name).toList());
        }
        return topic;
    }

    default TopicDescription describe(String name) {
        OpenTopic topic = require(name);
        List<PartitionDescription> partitions = new ArrayList<>();
        for (Partition partition : topic.partitions()) {
            partition.awaitBounds();
            partitions.add(
                    new PartitionDescription(partition.index(), partition.startOffset(), partition.committedAcquire()));
        }
        return new TopicDescription(name, topic.id(), topic.settings(), partitions);
    }
}
