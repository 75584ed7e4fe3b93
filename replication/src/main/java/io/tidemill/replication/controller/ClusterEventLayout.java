package io.tidemill.replication.controller;

import io.tidemill.metadata.EventBytes;
import io.tidemill.metadata.MetadataEvent;
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
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A decision as an entry of the metadata log, and a snapshot as what takes the place of all entries.
 *
 * <pre>
 *   decision:  version = 0 (int16) | list of events
 *   event:     type (int8) | what the type adds
 *     broker registered     1 | broker (int32) | epoch (int64) | incarnation
 *     broker fenced         2 | broker (int32)
 *     broker unfenced       3 | broker (int32)
 *     broker shutting down  4 | broker (int32)
 *     broker removed        5 | broker (int32)
 *     topic event           6 | topic event
 *     partition changed     7 | partition id | partition state
 *     producer ids given    8 | next producer id (int64)
 *     settings changed      9 | settings
 *
 *   snapshot:  version = 0 (int16) | metadata epoch (int64) | next producer id (int64) | settings
 *              | list of brokers | list of (topic event, list of partition states)
 *   broker:    broker (int32) | epoch (int64) | incarnation | fenced? (boolean) | stopping since (int64)
 *
 *   the rest as {@link ClusterBytes} has it
 * </pre>
 */
public final class ClusterEventLayout {
    private static final short VERSION = 0;
    private static final byte BROKER_REGISTERED = 1;
    private static final byte BROKER_FENCED = 2;
    private static final byte BROKER_UNFENCED = 3;
    private static final byte BROKER_SHUTTING_DOWN = 4;
    private static final byte BROKER_REMOVED = 5;
    private static final byte TOPIC_EVENT = 6;
    private static final byte PARTITION_CHANGED = 7;
    private static final byte PRODUCER_IDS_GIVEN = 8;
    private static final byte SETTINGS_CHANGED = 9;

    private ClusterEventLayout() {}

    public static byte[] bytes(List<ClusterEvent> decision) {
        return EventBytes.of(out -> {
            out.writeShort(VERSION);
            ClusterBytes.putList(out, decision, ClusterEventLayout::putEvent);
        });
    }

    private static void putEvent(DataOutputStream out, ClusterEvent event) throws IOException {
        if (event instanceof PartitionChanged changed) {
            out.writeByte(PARTITION_CHANGED);
            ClusterBytes.putPartitionId(out, changed.id());
            ClusterBytes.putState(out, changed.state());
        } else if (event instanceof TopicEvent topicEvent) {
            out.writeByte(TOPIC_EVENT);
            ClusterBytes.putTopicEvent(out, topicEvent.event());
        } else if (event instanceof BrokerRegistered registered) {
            out.writeByte(BROKER_REGISTERED);
            out.writeInt(registered.brokerId());
            out.writeLong(registered.epoch());
            ClusterBytes.putIncarnation(out, registered.incarnation());
        } else if (event instanceof BrokerFenced fenced) {
            putBroker(out, BROKER_FENCED, fenced.brokerId());
        } else if (event instanceof BrokerUnfenced unfenced) {
            putBroker(out, BROKER_UNFENCED, unfenced.brokerId());
        } else if (event instanceof BrokerShuttingDown stopping) {
            putBroker(out, BROKER_SHUTTING_DOWN, stopping.brokerId());
        } else if (event instanceof BrokerRemoved removed) {
            putBroker(out, BROKER_REMOVED, removed.brokerId());
        } else if (event instanceof ProducerIdsGiven given) {
            out.writeByte(PRODUCER_IDS_GIVEN);
            out.writeLong(given.nextProducerId());
        } else if (event instanceof ClusterSettingsChanged changed) {
            out.writeByte(SETTINGS_CHANGED);
            ClusterBytes.putSettings(out, changed.settings());
        }
    }

    private static void putBroker(DataOutputStream out, byte type, int brokerId) throws IOException {
        out.writeByte(type);
        out.writeInt(brokerId);
    }

    /** What {@link #bytes(List)} made. What is not known, or not whole, is refused. */
    public static List<ClusterEvent> decision(byte[] bytes) {
        return ClusterBytes.get(bytes, "decision", buffer -> {
            requireKnown(buffer.getShort());
            return ClusterBytes.getList(buffer, ClusterEventLayout::getEvent);
        });
    }

    private static void requireKnown(short version) {
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "unknown version: version=" + version + "; was it written by a newer Tidemill?");
        }
    }

    private static ClusterEvent getEvent(ByteBuffer buffer) {
        byte type = buffer.get();
        return switch (type) {
            case BROKER_REGISTERED ->
                new BrokerRegistered(buffer.getInt(), buffer.getLong(), ClusterBytes.getIncarnation(buffer));
            case BROKER_FENCED -> new BrokerFenced(buffer.getInt());
            case BROKER_UNFENCED -> new BrokerUnfenced(buffer.getInt());
            case BROKER_SHUTTING_DOWN -> new BrokerShuttingDown(buffer.getInt());
            case BROKER_REMOVED -> new BrokerRemoved(buffer.getInt());
            case TOPIC_EVENT -> new TopicEvent(ClusterBytes.getTopicEvent(buffer));
            case PARTITION_CHANGED ->
                new PartitionChanged(ClusterBytes.getPartitionId(buffer), ClusterBytes.getState(buffer));
            case PRODUCER_IDS_GIVEN -> new ProducerIdsGiven(buffer.getLong());
            case SETTINGS_CHANGED -> new ClusterSettingsChanged(ClusterBytes.getSettings(buffer));
            default -> throw new IllegalArgumentException("unknown type of an event: type=" + type);
        };
    }

    public static byte[] bytes(ClusterSnapshot snapshot) {
        return EventBytes.of(out -> {
            out.writeShort(VERSION);
            out.writeLong(snapshot.metadataEpoch());
            out.writeLong(snapshot.nextProducerId());
            ClusterBytes.putSettings(out, snapshot.settings());
            ClusterBytes.putList(out, snapshot.brokers(), ClusterEventLayout::putRegistration);
            ClusterBytes.putList(out, snapshot.topics(), (to, state) -> {
                ClusterBytes.putTopicEvent(to, state.topic());
                ClusterBytes.putList(to, state.partitions(), ClusterBytes::putState);
            });
        });
    }

    private static void putRegistration(DataOutputStream out, BrokerRegistration broker) throws IOException {
        out.writeInt(broker.id());
        out.writeLong(broker.epoch());
        ClusterBytes.putIncarnation(out, broker.incarnation());
        out.writeBoolean(broker.isFenced());
        out.writeLong(broker.stoppingSince());
    }

    /** What {@link #bytes(ClusterSnapshot)} made. What is not known, or not whole, is refused. */
    public static ClusterSnapshot snapshot(byte[] bytes) {
        return ClusterBytes.get(bytes, "snapshot", buffer -> {
            requireKnown(buffer.getShort());
            return new ClusterSnapshot(
                    buffer.getLong(),
                    buffer.getLong(),
                    ClusterBytes.getSettings(buffer),
                    ClusterBytes.getList(buffer, ClusterEventLayout::getRegistration),
                    ClusterBytes.getList(buffer, ClusterEventLayout::getTopicState));
        });
    }

    private static BrokerRegistration getRegistration(ByteBuffer buffer) {
        return new BrokerRegistration(
                buffer.getInt(),
                buffer.getLong(),
                ClusterBytes.getIncarnation(buffer),
                ClusterBytes.getBoolean(buffer),
                buffer.getLong());
    }

    private static TopicState getTopicState(ByteBuffer buffer) {
        MetadataEvent event = ClusterBytes.getTopicEvent(buffer);
        if (!(event instanceof TopicRecord topic)) {
            throw new IllegalArgumentException("snapshot has a topic that is gone: id=" + event.id());
        }
        return new TopicState(topic, ClusterBytes.getList(buffer, ClusterBytes::getState));
    }
}
