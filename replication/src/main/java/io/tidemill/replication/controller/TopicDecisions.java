package io.tidemill.replication.controller;

import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import io.tidemill.errors.InvalidTopicException;
import io.tidemill.errors.TopicExistsException;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.controller.ClusterAnswer.Created;
import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterEvent.ClusterSettingsChanged;
import io.tidemill.replication.controller.ClusterEvent.PartitionChanged;
import io.tidemill.replication.controller.ClusterEvent.TopicEvent;
import io.tidemill.replication.controller.ClusterRequest.AlterSettings;
import io.tidemill.replication.controller.ClusterRequest.AlterTopic;
import io.tidemill.replication.controller.ClusterRequest.CreateTopic;
import io.tidemill.replication.controller.ClusterRequest.DeleteTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Which topics there are, and what is set for them, or for all. Whether a topic is internal, the asker looks after. */
final class TopicDecisions {
    /** Where nobody says how many replicas: as many as outlive the loss of one, and still agree. */
    private static final int DEFAULT_REPLICAS = 3;

    private final ClusterState state;
    private final PartitionDecisions partitions;
    private final Placement placement;

    TopicDecisions(ClusterState state, PartitionDecisions partitions, RandomGenerator random) {
        this.state = state;
        this.partitions = partitions;
        this.placement = new Placement(random);
    }

    Decision create(CreateTopic request) {
        TopicSettings defaults =
                orRefuse(Refusal.INVALID_PARTITIONS, () -> TopicSettings.partitions(request.partitions()));
        TopicSettings settings =
                orRefuse(Refusal.INVALID_CONFIG, () -> changed(defaults, request.settings(), Set.of()));
        UUID id = request.topicId();
        TopicRecord existing = state.topics().core().find(request.name());
        if (existing != null && existing.id().equals(id)) {
            return Decision.of(new Created(id));
        }
        TopicRecord topic =
                orRefuse(Refusal.INVALID_TOPIC, () -> state.topics().core().create(id, request.name(), settings));
        List<ClusterEvent> events = new ArrayList<>();
        events.add(new TopicEvent(topic));
        addPartitions(new Topics.Placed(topic, List.of()), settings.partitions(), replicationFactor(topic), events);
        return new Decision(events, new Created(id));
    }

    /** @param refusal where the attempt does not say better why it fails */
    private static <T> T orRefuse(Refusal refusal, Supplier<T> attempt) {
        try {
            return attempt.get();
        } catch (TopicExistsException e) {
            throw new RefusedException(Refusal.TOPIC_ALREADY_EXISTS, e);
        } catch (InvalidTopicException e) {
            throw new RefusedException(Refusal.INVALID_TOPIC, e);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(refusal, e);
        }
    }

    private static TopicSettings changed(TopicSettings settings, Map<String, String> set, Set<String> unset) {
        TopicSettings changed = settings;
        for (String key : unset) {
            changed = changed.without(TopicSetting.of(key));
        }
        for (Map.Entry<String, String> entry : set.entrySet()) {
            changed = changed.with(entry.getKey(), entry.getValue());
        }
        return changed;
    }

    private int replicationFactor(TopicRecord topic) {
        int ofTopic = topic.settings().replicationFactor();
        int wanted = ofTopic == TopicSettings.DEFAULT_REPLICATION_FACTOR
                ? state.settings().replicationFactor()
                : ofTopic;
        int live = state.brokers().active().size();
        return wanted == TopicSettings.DEFAULT_REPLICATION_FACTOR
                ? Math.max(1, Math.min(DEFAULT_REPLICAS, live))
                : wanted;
    }

    private void addPartitions(Topics.Placed placed, int partitionCount, int replicas, List<ClusterEvent> events) {
        int first = placed.partitions().size();
        List<BrokerRegistration> live = state.brokers().active();
        if (live.size() < replicas) {
            throw new RefusedException(
                    Refusal.INVALID_REPLICATION_FACTOR,
                    "fewer brokers live than replicas are wanted: replicas=" + replicas + ", live=" + live.size()
                            + ", topic=" + placed.topic().name());
        }
        List<PartitionState> ofAll = new ArrayList<>();
        state.topics().all().forEach(other -> ofAll.addAll(other.partitions()));
        List<List<Integer>> added = placement.place(partitionCount - first, replicas, live, placed.partitions(), ofAll);
        for (int i = 0; i < added.size(); i++) {
            events.add(new PartitionChanged(placed.id(first + i), PartitionState.created(added.get(i))));
        }
    }

    Decision alter(AlterTopic request) {
        Topics.Placed placed = state.topics().require(request.name());
        TopicSettings before = placed.topic().settings();
        int partitionCount =
                request.partitions() == AlterTopic.SAME_PARTITIONS ? before.partitions() : request.partitions();
        TopicSettings grown = orRefuse(Refusal.INVALID_PARTITIONS, () -> before.withPartitions(partitionCount));
        TopicSettings settings = orRefuse(Refusal.INVALID_CONFIG, () -> changed(grown, request.set(), request.unset()));
        if (settings.replicationFactor() != before.replicationFactor()) {
            throw new RefusedException(
                    Refusal.INVALID_CONFIG,
                    "replication.factor counts when a topic is created; its partitions can be reassigned: topic="
                            + request.name());
        }
        if (settings.partitions() == before.partitions() && settings.ofTopic().equals(before.ofTopic())) {
            return Decision.of(new Done());
        }
        TopicRecord changed =
                orRefuse(Refusal.INVALID_PARTITIONS, () -> state.topics().core().change(placed.topic(), settings));
        List<ClusterEvent> events = new ArrayList<>();
        events.add(new TopicEvent(changed));
        events.addAll(partitions.underSettings(List.of(placed), topic -> state.effective(changed)));
        if (settings.partitions() > before.partitions()) {
            int replicas = placed.partitions().get(0).assignment().target().size();
            addPartitions(placed, settings.partitions(), replicas, events);
        }
        return new Decision(events, new Done());
    }

    Decision delete(DeleteTopic request) {
        Topics.Placed placed = state.topics().require(request.name());
        return new Decision(List.of(new TopicEvent(state.topics().core().remove(placed.topic()))), new Done());
    }

    Decision alterSettings(AlterSettings request) {
        SettingValues changed =
                orRefuse(Refusal.INVALID_CONFIG, () -> state.settings().changed(request.set(), request.unset()));
        if (changed.ofCluster().equals(state.settings().ofCluster())) {
            return Decision.of(new Done());
        }
        List<ClusterEvent> events = new ArrayList<>();
        events.add(new ClusterSettingsChanged(changed.ofCluster()));
        events.addAll(partitions.underSettings(
                state.topics().all(), topic -> topic.settings().over(changed.topicDefaults())));
        return new Decision(events, new Done());
    }
}
