package io.tidemill.replication.controller;

import io.tidemill.TopicPartition;
import io.tidemill.metadata.EventBytes;
import io.tidemill.replication.controller.ClusterAnswer.Created;
import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterAnswer.DoneExcept;
import io.tidemill.replication.controller.ClusterAnswer.Heard;
import io.tidemill.replication.controller.ClusterAnswer.ProducerIds;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterAnswer.RefusedPartition;
import io.tidemill.replication.controller.ClusterAnswer.Registered;
import io.tidemill.replication.controller.ClusterRequest.AlterPartitions;
import io.tidemill.replication.controller.ClusterRequest.AlterSettings;
import io.tidemill.replication.controller.ClusterRequest.AlterTopic;
import io.tidemill.replication.controller.ClusterRequest.CancelReassignment;
import io.tidemill.replication.controller.ClusterRequest.CreateTopic;
import io.tidemill.replication.controller.ClusterRequest.DeleteTopic;
import io.tidemill.replication.controller.ClusterRequest.ElectPreferred;
import io.tidemill.replication.controller.ClusterRequest.GiveProducerIds;
import io.tidemill.replication.controller.ClusterRequest.Heartbeat;
import io.tidemill.replication.controller.ClusterRequest.InSync;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import io.tidemill.replication.controller.ClusterRequest.Reassign;
import io.tidemill.replication.controller.ClusterRequest.Register;
import io.tidemill.replication.controller.ClusterRequest.RemoveBroker;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Requests and answers, as they travel between brokers.
 *
 * <pre>
 *   version = 0 (int8) | kind (int8) | what the kind adds
 *     register              1 | broker (int32) | incarnation | tail lost? (boolean)
 *     heartbeat             2 | broker (int32) | broker epoch (int64) | metadata epoch (int64) | wants to stop? (boolean)
 *     create topic          3 | topic id | name (string) | partitions (int32) | settings
 *     alter topic           4 | name (string) | partitions (int32) | settings | unset (list of strings)
 *     delete topic          5 | name (string)
 *     alter partitions      6 | broker (int32) | broker epoch (int64) | list of changes
 *       change              partition id | leader epoch (int32) | partition epoch (int32)
 *                           | list of (broker (int32), broker epoch (int64))
 *     give producer ids     7 | broker (int32) | broker epoch (int64)
 *     reassign              8 | partition | replicas (list of int32)
 *     cancel reassignment   9 | partition
 *     elect preferred      10 | list of partitions
 *     remove broker        11 | broker (int32)
 *     alter settings       12 | settings | unset (list of strings)
 *
 *     done                 64
 *     registered           65 | broker epoch (int64)
 *     heard                66 | fenced? (boolean) | may stop? (boolean)
 *     created              67 | topic id
 *     done except          68 | list of (partition id, refusal (int8))
 *     producer ids         69 | first id (int64) | count (int32)
 *     refused              70 | refusal (int8) | message (string)
 *
 *   partition: topic (string) | partition (int32);   refusal: its place in {@link Refusal}, which is never changed
 *   the rest as {@link ClusterBytes} has it
 * </pre>
 */
public final class ControllerMessageLayout {
    private static final byte VERSION = 0;
    private static final byte REGISTER = 1;
    private static final byte HEARTBEAT = 2;
    private static final byte CREATE_TOPIC = 3;
    private static final byte ALTER_TOPIC = 4;
    private static final byte DELETE_TOPIC = 5;
    private static final byte ALTER_PARTITIONS = 6;
    private static final byte GIVE_PRODUCER_IDS = 7;
    private static final byte REASSIGN = 8;
    private static final byte CANCEL_REASSIGNMENT = 9;
    private static final byte ELECT_PREFERRED = 10;
    private static final byte REMOVE_BROKER = 11;
    private static final byte ALTER_SETTINGS = 12;
    private static final byte DONE = 64;
    private static final byte REGISTERED = 65;
    private static final byte HEARD = 66;
    private static final byte CREATED = 67;
    private static final byte DONE_EXCEPT = 68;
    private static final byte PRODUCER_IDS = 69;
    private static final byte REFUSED = 70;

    private static final Refusal[] REFUSALS = Refusal.values();

    private ControllerMessageLayout() {}

    public static byte[] bytes(ClusterRequest request) {
        return EventBytes.of(out -> {
            out.writeByte(VERSION);
            putRequest(out, request);
        });
    }

    private static void putRequest(DataOutputStream out, ClusterRequest request) throws IOException {
        if (request instanceof Register register) {
            out.writeByte(REGISTER);
            out.writeInt(register.brokerId());
            ClusterBytes.putIncarnation(out, register.incarnation());
            out.writeBoolean(register.isTailLost());
        } else if (request instanceof Heartbeat heartbeat) {
            out.writeByte(HEARTBEAT);
            out.writeInt(heartbeat.brokerId());
            out.writeLong(heartbeat.brokerEpoch());
            out.writeLong(heartbeat.metadataEpoch());
            out.writeBoolean(heartbeat.wantsToStop());
        } else if (request instanceof AlterPartitions alter) {
            out.writeByte(ALTER_PARTITIONS);
            out.writeInt(alter.brokerId());
            out.writeLong(alter.brokerEpoch());
            ClusterBytes.putList(out, alter.changes(), ControllerMessageLayout::putChange);
        } else if (request instanceof GiveProducerIds give) {
            out.writeByte(GIVE_PRODUCER_IDS);
            out.writeInt(give.brokerId());
            out.writeLong(give.brokerEpoch());
        } else if (request instanceof RemoveBroker remove) {
            out.writeByte(REMOVE_BROKER);
            out.writeInt(remove.brokerId());
        } else {
            putTopicRequest(out, request);
        }
    }

    private static void putTopicRequest(DataOutputStream out, ClusterRequest request) throws IOException {
        if (request instanceof CreateTopic create) {
            out.writeByte(CREATE_TOPIC);
            EventBytes.putId(out, create.topicId());
            EventBytes.putString(out, create.name());
            out.writeInt(create.partitions());
            ClusterBytes.putSettings(out, create.settings());
        } else if (request instanceof AlterTopic alter) {
            out.writeByte(ALTER_TOPIC);
            EventBytes.putString(out, alter.name());
            out.writeInt(alter.partitions());
            ClusterBytes.putSettings(out, alter.set());
            putStrings(out, alter.unset());
        } else if (request instanceof DeleteTopic delete) {
            out.writeByte(DELETE_TOPIC);
            EventBytes.putString(out, delete.name());
        } else if (request instanceof Reassign reassign) {
            out.writeByte(REASSIGN);
            putPartition(out, reassign.partition());
            ClusterBytes.putInts(out, reassign.replicas());
        } else if (request instanceof CancelReassignment cancel) {
            out.writeByte(CANCEL_REASSIGNMENT);
            putPartition(out, cancel.partition());
        } else if (request instanceof ElectPreferred elect) {
            out.writeByte(ELECT_PREFERRED);
            ClusterBytes.putList(out, elect.partitions(), ControllerMessageLayout::putPartition);
        } else if (request instanceof AlterSettings alter) {
            out.writeByte(ALTER_SETTINGS);
            ClusterBytes.putSettings(out, alter.set());
            putStrings(out, alter.unset());
        }
    }

    private static void putChange(DataOutputStream out, IsrChange change) throws IOException {
        ClusterBytes.putPartitionId(out, change.id());
        out.writeInt(change.leaderEpoch());
        out.writeInt(change.partitionEpoch());
        ClusterBytes.putList(out, change.isr(), (to, member) -> {
            to.writeInt(member.brokerId());
            to.writeLong(member.brokerEpoch());
        });
    }

    private static void putPartition(DataOutputStream out, TopicPartition partition) throws IOException {
        EventBytes.putString(out, partition.topic());
        out.writeInt(partition.partition());
    }

    private static void putStrings(DataOutputStream out, Set<String> strings) throws IOException {
        ClusterBytes.putList(out, new TreeSet<>(strings), EventBytes::putString);
    }

    /** What {@link #bytes(ClusterRequest)} made. What is not known, or not whole, is refused. */
    public static ClusterRequest request(byte[] bytes) {
        return ClusterBytes.get(bytes, "request", buffer -> {
            requireKnown(buffer.get());
            return getRequest(buffer);
        });
    }

    private static void requireKnown(byte version) {
        if (version != VERSION) {
            throw new IllegalArgumentException("unknown version: version=" + version);
        }
    }

    private static ClusterRequest getRequest(ByteBuffer buffer) {
        byte kind = buffer.get();
        return switch (kind) {
            case REGISTER ->
                new Register(buffer.getInt(), ClusterBytes.getIncarnation(buffer), ClusterBytes.getBoolean(buffer));
            case HEARTBEAT ->
                new Heartbeat(buffer.getInt(), buffer.getLong(), buffer.getLong(), ClusterBytes.getBoolean(buffer));
            case CREATE_TOPIC ->
                new CreateTopic(
                        EventBytes.getId(buffer),
                        EventBytes.getString(buffer),
                        buffer.getInt(),
                        ClusterBytes.getSettings(buffer));
            case ALTER_TOPIC ->
                new AlterTopic(
                        EventBytes.getString(buffer),
                        buffer.getInt(),
                        ClusterBytes.getSettings(buffer),
                        getStrings(buffer));
            case DELETE_TOPIC -> new DeleteTopic(EventBytes.getString(buffer));
            case ALTER_PARTITIONS ->
                new AlterPartitions(
                        buffer.getInt(),
                        buffer.getLong(),
                        ClusterBytes.getList(buffer, ControllerMessageLayout::getChange));
            case GIVE_PRODUCER_IDS -> new GiveProducerIds(buffer.getInt(), buffer.getLong());
            case REASSIGN -> new Reassign(getPartition(buffer), ClusterBytes.getInts(buffer));
            case CANCEL_REASSIGNMENT -> new CancelReassignment(getPartition(buffer));
            case ELECT_PREFERRED ->
                new ElectPreferred(ClusterBytes.getList(buffer, ControllerMessageLayout::getPartition));
            case REMOVE_BROKER -> new RemoveBroker(buffer.getInt());
            case ALTER_SETTINGS -> new AlterSettings(ClusterBytes.getSettings(buffer), getStrings(buffer));
            default -> throw new IllegalArgumentException("unknown kind: kind=" + kind);
        };
    }

    private static IsrChange getChange(ByteBuffer buffer) {
        return new IsrChange(
                ClusterBytes.getPartitionId(buffer),
                buffer.getInt(),
                buffer.getInt(),
                ClusterBytes.getList(buffer, from -> new InSync(from.getInt(), from.getLong())));
    }

    private static TopicPartition getPartition(ByteBuffer buffer) {
        return new TopicPartition(EventBytes.getString(buffer), buffer.getInt());
    }

    private static Set<String> getStrings(ByteBuffer buffer) {
        return new HashSet<>(ClusterBytes.getList(buffer, EventBytes::getString));
    }

    public static byte[] bytes(ClusterAnswer answer) {
        return EventBytes.of(out -> {
            out.writeByte(VERSION);
            putAnswer(out, answer);
        });
    }

    private static void putAnswer(DataOutputStream out, ClusterAnswer answer) throws IOException {
        if (answer instanceof Done) {
            out.writeByte(DONE);
        } else if (answer instanceof Registered registered) {
            out.writeByte(REGISTERED);
            out.writeLong(registered.brokerEpoch());
        } else if (answer instanceof Heard heard) {
            out.writeByte(HEARD);
            out.writeBoolean(heard.isFenced());
            out.writeBoolean(heard.mayStop());
        } else if (answer instanceof Created created) {
            out.writeByte(CREATED);
            EventBytes.putId(out, created.topicId());
        } else if (answer instanceof DoneExcept doneExcept) {
            out.writeByte(DONE_EXCEPT);
            ClusterBytes.putList(out, doneExcept.refused(), (to, refused) -> {
                ClusterBytes.putPartitionId(to, refused.id());
                to.writeByte(refused.refusal().ordinal());
            });
        } else if (answer instanceof ProducerIds ids) {
            out.writeByte(PRODUCER_IDS);
            out.writeLong(ids.firstId());
            out.writeInt(ids.count());
        } else if (answer instanceof Refused refused) {
            out.writeByte(REFUSED);
            out.writeByte(refused.refusal().ordinal());
            EventBytes.putString(out, refused.message());
        }
    }

    /** What {@link #bytes(ClusterAnswer)} made. What is not known, or not whole, is refused. */
    public static ClusterAnswer answer(byte[] bytes) {
        return ClusterBytes.get(bytes, "answer", buffer -> {
            requireKnown(buffer.get());
            return getAnswer(buffer);
        });
    }

    private static ClusterAnswer getAnswer(ByteBuffer buffer) {
        byte kind = buffer.get();
        return switch (kind) {
            case DONE -> new Done();
            case REGISTERED -> new Registered(buffer.getLong());
            case HEARD -> new Heard(ClusterBytes.getBoolean(buffer), ClusterBytes.getBoolean(buffer));
            case CREATED -> new Created(EventBytes.getId(buffer));
            case DONE_EXCEPT ->
                new DoneExcept(ClusterBytes.getList(
                        buffer, from -> new RefusedPartition(ClusterBytes.getPartitionId(from), getRefusal(from))));
            case PRODUCER_IDS -> new ProducerIds(buffer.getLong(), buffer.getInt());
            case REFUSED -> new Refused(getRefusal(buffer), EventBytes.getString(buffer));
            default -> throw new IllegalArgumentException("unknown kind: kind=" + kind);
        };
    }

    private static Refusal getRefusal(ByteBuffer buffer) {
        int place = buffer.get();
        if (place < 0 || place >= REFUSALS.length) {
            throw new IllegalArgumentException("unknown refusal: refusal=" + place);
        }
        return REFUSALS[place];
    }
}
