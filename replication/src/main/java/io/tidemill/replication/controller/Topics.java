package io.tidemill.replication.controller;

import io.tidemill.TopicPartition;
import io.tidemill.metadata.MetadataEvent;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.metadata.TopicRemoval;
import io.tidemill.metadata.TopicsCore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which topics there are, as on a broker that is in no cluster, and the state of each of their partitions. Changed by replaying
 * only.
 */
final class Topics {
    /** A topic with its partitions, each by its number. */
    record Placed(TopicRecord topic, List<PartitionState> partitions) {
        PartitionId id(int index) {
            return new PartitionId(topic.id(), index);
        }
    }

    private final TopicsCore core = new TopicsCore();
    private final Map<UUID, Placed> byId = new LinkedHashMap<>();

    TopicsCore core() {
        return core;
    }

    /** In the order of their creation. */
    Collection<Placed> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    @Nullable
    Placed find(UUID topicId) {
        return byId.get(topicId);
    }

    @Nullable
    PartitionState find(PartitionId id) {
        Placed placed = byId.get(id.topicId());
        return placed == null
                        || id.index() < 0
                        || id.index() >= placed.partitions().size()
                ? null
                : placed.partitions().get(id.index());
    }

    Placed require(String name) {
        TopicRecord topic = core.find(name);
        if (topic == null) {
            throw new RefusedException(Refusal.UNKNOWN_TOPIC_OR_PARTITION, "no such topic: name=" + name);
        }
        return known(topic.id());
    }

    PartitionId require(TopicPartition partition) {
        Placed placed = require(partition.topic());
        PartitionId id = placed.id(partition.partition());
        if (find(id) == null) {
            throw new RefusedException(
                    Refusal.UNKNOWN_TOPIC_OR_PARTITION,
                    "no such partition: partition=" + partition + ", partitions="
                            + placed.partitions().size());
        }
        return id;
    }

    void replay(MetadataEvent event) {
        core.replay(event);
        if (event instanceof TopicRecord topic) {
            Placed placed = byId.get(topic.id());
            byId.put(topic.id(), new Placed(topic, placed == null ? new ArrayList<>() : placed.partitions()));
        } else if (event instanceof TopicRemoval removal) {
            byId.remove(removal.id());
        }
    }

    /** Holds what everything else rests on: a state follows the one that it was decided on, and epochs never go back. */
    void replay(PartitionId id, PartitionState state) {
        Placed placed = known(id.topicId());
        PartitionState former = find(id);
        if (former == null) {
            put(placed, id.index(), state);
            return;
        }
        boolean isLed = former.leader() == state.leader();
        boolean rises = state.leaderEpoch() == former.leaderEpoch() + 1;
        boolean stays = state.leaderEpoch() == former.leaderEpoch();
        if (state.partitionEpoch() != former.partitionEpoch() + 1 || !(rises || (isLed && stays))) {
            throw new IllegalStateException("state of a partition does not follow the one before it: id=" + id
                    + ", former=" + former + ", state=" + state);
        }
        placed.partitions().set(id.index(), state);
    }

    private static void put(Placed placed, int index, PartitionState state) {
        if (index != placed.partitions().size()) {
            throw new IllegalStateException("partition comes out of turn: topic="
                    + placed.topic().name() + ", index=" + index + ", partitions="
                    + placed.partitions().size());
        }
        placed.partitions().add(state);
    }

    void restore(TopicRecord topic, List<PartitionState> partitions) {
        replay(topic);
        known(topic.id()).partitions().addAll(partitions);
    }

    /** Each has a state, or the decision that was replayed is not whole. */
    void requireWhole() {
        for (Placed placed : byId.values()) {
            if (placed.partitions().size() != placed.topic().settings().partitions()) {
                throw new IllegalStateException("partitions without a state: topic="
                        + placed.topic().name() + ", partitions="
                        + placed.topic().settings().partitions() + ", states="
                        + placed.partitions().size());
            }
        }
    }

    private Placed known(UUID topicId) {
        Placed placed = byId.get(topicId);
        if (placed == null) {
            throw new IllegalStateException("event of a topic that is not there: topicId=" + topicId);
        }
        return placed;
    }
}
