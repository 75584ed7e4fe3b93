package io.tidemill.replication.controller;

import io.tidemill.TopicPartition;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.controller.ClusterRequest.AlterSettings;
import io.tidemill.replication.controller.ClusterRequest.AlterTopic;
import io.tidemill.replication.controller.ClusterRequest.CancelReassignment;
import io.tidemill.replication.controller.ClusterRequest.CreateTopic;
import io.tidemill.replication.controller.ClusterRequest.DeleteTopic;
import io.tidemill.replication.controller.ClusterRequest.ElectPreferred;
import io.tidemill.replication.controller.ClusterRequest.Reassign;
import io.tidemill.replication.controller.ClusterRequest.RemoveBroker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** What somebody may ask of a cluster who runs it. */
final class AdminRequests {
    private static final int TOPICS_MAX = 3;
    private static final int PARTITIONS_MAX = 6;

    private final Random random;
    private int topicsCreated;

    AdminRequests(Random random) {
        this.random = random;
    }

    /** By chance. */
    ClusterRequest next(ClusterCore core, int brokers) {
        List<TopicRecord> topics = core.topics();
        if (topics.isEmpty()) {
            return create();
        }
        TopicRecord topic = topics.get(random.nextInt(topics.size()));
        return switch (random.nextInt(9)) {
            case 0, 1 -> topics.size() < TOPICS_MAX ? create() : changed(topic);
            case 2, 3 -> settings(topic);
            case 4 -> new RemoveBroker(random.nextInt(brokers));
            case 5 -> new ElectPreferred(List.of());
            default -> move(topic, brokers);
        };
    }

    private ClusterRequest create() {
        Map<String, String> settings = Map.of(
                "replication.factor", number(4),
                "min.insync.replicas", number(3));
        return new CreateTopic(
                new UUID(random.nextLong(), random.nextLong()), "t" + topicsCreated++, 1 + random.nextInt(3), settings);
    }

    private String number(int max) {
        return String.valueOf(1 + random.nextInt(max));
    }

    private ClusterRequest changed(TopicRecord topic) {
        if (random.nextInt(4) == 0) {
            return new DeleteTopic(topic.name());
        }
        int partitions = topic.settings().partitions() + random.nextInt(2);
        return new AlterTopic(topic.name(), Math.min(PARTITIONS_MAX, partitions), Map.of(), Set.of());
    }

    private ClusterRequest settings(TopicRecord topic) {
        Map<String, String> minIsr = Map.of("min.insync.replicas", number(3));
        return switch (random.nextInt(5)) {
            case 0 -> new AlterSettings(minIsr, Set.of());
            case 1 -> new AlterTopic(topic.name(), AlterTopic.SAME_PARTITIONS, Map.of(), minIsr.keySet());
            case 2 -> unclean(topic, random.nextInt(3) == 0);
            default -> new AlterTopic(topic.name(), AlterTopic.SAME_PARTITIONS, minIsr, Set.of());
        };
    }

    static ClusterRequest unclean(TopicRecord topic, boolean isAllowed) {
        Map<String, String> set = Map.of("unclean.leader.election.enable", String.valueOf(isAllowed));
        return new AlterTopic(topic.name(), AlterTopic.SAME_PARTITIONS, set, Set.of());
    }

    private ClusterRequest move(TopicRecord topic, int brokers) {
        TopicPartition partition =
                new TopicPartition(topic.name(), random.nextInt(topic.settings().partitions()));
        if (random.nextInt(4) == 0) {
            return new CancelReassignment(partition);
        }
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < brokers; id++) {
            ids.add(id);
        }
        Collections.shuffle(ids, random);
        return new Reassign(partition, ids.subList(0, 1 + random.nextInt(brokers)));
    }
}
