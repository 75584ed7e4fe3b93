package io.tidemill.replication.controller;

import io.tidemill.TopicSettings;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.controller.ClusterEvent.BrokerFenced;
import io.tidemill.replication.controller.ClusterEvent.BrokerRegistered;
import io.tidemill.replication.controller.ClusterEvent.BrokerRemoved;
import io.tidemill.replication.controller.ClusterEvent.BrokerShuttingDown;
import io.tidemill.replication.controller.ClusterEvent.BrokerUnfenced;
import io.tidemill.replication.controller.ClusterEvent.ClusterSettingsChanged;
import io.tidemill.replication.controller.ClusterEvent.PartitionChanged;
import io.tidemill.replication.controller.ClusterEvent.ProducerIdsGiven;
import io.tidemill.replication.controller.ClusterEvent.TopicEvent;
import io.tidemill.replication.controller.ClusterSnapshot.TopicState;
import java.util.ArrayList;
import java.util.List;

/** What every broker of a cluster knows alike. Changed by replaying only. */
final class ClusterState {
    private Brokers brokers = new Brokers();
    private Topics topics = new Topics();
    private SettingValues settings;
    private long nextProducerId;
    private long metadataEpoch;

    ClusterState(SettingValues settings) {
        this.settings = settings;
    }

    void replay(List<ClusterEvent> decision) {
        metadataEpoch++;
        decision.forEach(this::replay);
        topics.requireWhole();
    }

    private void replay(ClusterEvent event) {
        if (event instanceof PartitionChanged changed) {
            topics.replay(changed.id(), changed.state());
        } else if (event instanceof TopicEvent topicEvent) {
            topics.replay(topicEvent.event());
        } else if (event instanceof BrokerRegistered registered) {
            brokers.replay(registered, metadataEpoch);
        } else if (event instanceof BrokerFenced fenced) {
            brokers.replay(fenced);
        } else if (event instanceof BrokerUnfenced unfenced) {
            brokers.replay(unfenced);
        } else if (event instanceof BrokerShuttingDown stopping) {
            brokers.replay(stopping, metadataEpoch);
        } else if (event instanceof BrokerRemoved removed) {
            brokers.replay(removed);
        } else if (event instanceof ProducerIdsGiven given) {
            nextProducerId = given.nextProducerId();
        } else if (event instanceof ClusterSettingsChanged changed) {
            settings = settings.withAll(changed.settings());
        }
    }

    ClusterSnapshot snapshot() {
        List<TopicState> topicStates = new ArrayList<>();
        for (Topics.Placed placed : topics.all()) {
            topicStates.add(new TopicState(placed.topic(), placed.partitions()));
        }
        return new ClusterSnapshot(
                metadataEpoch, nextProducerId, settings.ofCluster(), List.copyOf(brokers.all()), topicStates);
    }

    /** In place of what was known. */
    void restore(ClusterSnapshot snapshot) {
        brokers = new Brokers();
        topics = new Topics();
        metadataEpoch = snapshot.metadataEpoch();
        nextProducerId = snapshot.nextProducerId();
        settings = settings.withAll(snapshot.settings());
        snapshot.brokers().forEach(brokers::put);
        snapshot.topics().forEach(state -> topics.restore(state.topic(), state.partitions()));
        topics.requireWhole();
    }

    Brokers brokers() {
        return brokers;
    }

    Topics topics() {
        return topics;
    }

    SettingValues settings() {
        return settings;
    }

    /** What holds for a topic: what is set for it, for the cluster, or nowhere. */
    TopicSettings effective(TopicRecord topic) {
        return topic.settings().over(settings.topicDefaults());
    }

    long nextProducerId() {
        return nextProducerId;
    }

    long metadataEpoch() {
        return metadataEpoch;
    }
}
