package io.tidemill.groups.coordinator;

import io.tidemill.ProducerRecord;
import io.tidemill.TopicPartition;
import io.tidemill.broker.Incarnation;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.groups.coordinator.GroupEvent.Committed;
import io.tidemill.groups.coordinator.GroupEvent.Dissolved;
import io.tidemill.groups.coordinator.GroupEvent.Forgotten;
import io.tidemill.groups.coordinator.GroupEvent.Looked;
import io.tidemill.groups.coordinator.GroupEvent.MemberChanged;
import io.tidemill.groups.coordinator.GroupEvent.MemberGone;
import io.tidemill.groups.coordinator.GroupEvent.Rebalanced;
import io.tidemill.metadata.EventBytes;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Events as records of a compacted topic: the key says what it is about, the value how that is from now on; without a value there
 * is no such thing any more.
 *
 * <pre>
 *   key         what (int16) | group (string) | what the kind adds
 *     rebalanced  1 |
 *     member      2 | member id (string)
 *     committed   3 | topic (string) | partition (int32)
 *     looked      4 | broker (int32)
 *
 *   value       version (int16): of a member 1, else 0 | what the kind adds
 *     rebalanced  epoch (int32) | time (int64) | number of topics (int32) | for each: name (string), partitions (int32)
 *     member      static? (int8) | instance id (string), if so | number of topics (int32) | for each: name (string)
 *                 | session time-out in ns (int64) | rebalance time-out in ns (int64) | epoch (int32) | former epoch (int32) | target | assigned | revoked
 *                 | home's broker (int32) | home's epoch (int64); with version 0, its home is in no cluster
 *     committed   topic id (2 × int64) | offset (int64) | metadata (string) | time (int64)
 *     looked
 *
 *   target, assigned, revoked: number of topics (int32) | for each: name (string), number of partitions (int32), those (int32)
 *   names and numbers in ascending order; strings and ids as {@link EventBytes} has them
 * </pre>
 */
public final class GroupEventLayout {
    static final Comparator<TopicPartition> PARTITION_ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    private static final short REBALANCED = 1;
    private static final short MEMBER = 2;
    private static final short COMMITTED = 3;
    private static final short LOOKED = 4;
    private static final short VERSION = 0;
    /** Of members: from then on they have a home. */
    private static final short HOME_VERSION = 1;

    /** Of a record of a commit, all but its strings. */
    private static final int COMMITTED_OVERHEAD_MAX = 128;

    private GroupEventLayout() {}

    /** An event as a record. */
    public static ProducerRecord<byte[], byte[]> record(String group, GroupEvent event) {
        return ProducerRecord.of(key(group, event), value(event));
    }

    /** What the record is about. */
    public static byte[] key(String group, GroupEvent event) {
        return EventBytes.of(out -> {
            if (event instanceof Rebalanced || event instanceof Dissolved) {
                putKind(out, REBALANCED, group);
            } else if (event instanceof MemberChanged changed) {
                putKind(out, MEMBER, group);
                EventBytes.putString(out, changed.member().id());
            } else if (event instanceof MemberGone gone) {
                putKind(out, MEMBER, group);
                EventBytes.putString(out, gone.memberId());
            } else if (event instanceof Committed committed) {
                putCommitted(out, group, committed.partition());
            } else if (event instanceof Forgotten forgotten) {
                putCommitted(out, group, forgotten.partition());
            } else if (event instanceof Looked looked) {
                putKind(out, LOOKED, group);
                out.writeInt(looked.brokerId());
            }
        });
    }

    private static void putCommitted(DataOutputStream out, String group, TopicPartition partition) throws IOException {
        putKind(out, COMMITTED, group);
        EventBytes.putString(out, partition.topic());
        out.writeInt(partition.partition());
    }

    private static void putKind(DataOutputStream out, short kind, String group) throws IOException {
        out.writeShort(kind);
        EventBytes.putString(out, group);
    }

    /** How that is from now on; null when there is no such thing any more. */
    public static byte @Nullable [] value(GroupEvent event) {
        if (event instanceof MemberGone || event instanceof Forgotten || event instanceof Dissolved) {
            return null;
        }
        return EventBytes.of(out -> {
            out.writeShort(event instanceof MemberChanged ? HOME_VERSION : VERSION);
            if (event instanceof Rebalanced rebalanced) {
                out.writeInt(rebalanced.epoch());
                out.writeLong(rebalanced.timeMs());
                putCounts(out, rebalanced.partitions());
            } else if (event instanceof MemberChanged changed) {
                putMember(out, changed.member());
            } else if (event instanceof Committed committed) {
                putOffset(out, committed.committed());
            }
        });
    }

    private static void putCounts(DataOutputStream out, Map<String, Integer> counts) throws IOException {
        out.writeInt(counts.size());
        for (Map.Entry<String, Integer> entry : new TreeMap<>(counts).entrySet()) {
            EventBytes.putString(out, entry.getKey());
            out.writeInt(entry.getValue());
        }
    }

    private static void putMember(DataOutputStream out, Member member) throws IOException {
        out.writeBoolean(member.instanceId() != null);
        if (member.instanceId() != null) {
            EventBytes.putString(out, member.instanceId());
        }
        out.writeInt(member.topics().size());
        for (String topic : new TreeSet<>(member.topics())) {
            EventBytes.putString(out, topic);
        }
        out.writeLong(member.timeouts().sessionNs());
        out.writeLong(member.timeouts().rebalanceNs());
        out.writeInt(member.epoch());
        out.writeInt(member.formerEpoch());
        putPartitions(out, member.target());
        putPartitions(out, member.assigned());
        putPartitions(out, member.revoked());
        out.writeInt(member.home().brokerId());
        out.writeLong(member.home().epoch());
    }

    private static void putPartitions(DataOutputStream out, Set<TopicPartition> partitions) throws IOException {
        TreeMap<String, TreeSet<Integer>> byTopic = new TreeMap<>();
        for (TopicPartition partition : partitions) {
            byTopic.computeIfAbsent(partition.topic(), topic -> new TreeSet<>()).add(partition.partition());
        }
        out.writeInt(byTopic.size());
        for (Map.Entry<String, TreeSet<Integer>> entry : byTopic.entrySet()) {
            EventBytes.putString(out, entry.getKey());
            out.writeInt(entry.getValue().size());
            for (int number : entry.getValue()) {
                out.writeInt(number);
            }
        }
    }

    private static void putOffset(DataOutputStream out, CommittedOffset committed) throws IOException {
        EventBytes.putId(out, committed.topicId());
        out.writeLong(committed.offset());
        EventBytes.putString(out, committed.metadata());
        out.writeLong(committed.timeMs());
    }

    /** How long a record of it is, at most. */
    public static int bytesMax(String group, Committed event) {
        int charactersMax = group.length()
                + event.partition().topic().length()
                + event.committed().metadata().length();
        return COMMITTED_OVERHEAD_MAX + 3 * charactersMax;
    }

    /** Whose event it is. */
    public static String group(byte[] key) {
        ByteBuffer buffer = ByteBuffer.wrap(key);
        try {
            buffer.getShort();
            return EventBytes.getString(buffer);
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            throw unreadable(key, null, e);
        }
    }

    /** What {@link #key} and {@link #value} made. What is not known is refused, not lost. */
    public static GroupEvent event(byte[] key, byte @Nullable [] value) {
        try {
            ByteBuffer keyBuffer = ByteBuffer.wrap(key);
            short kind = keyBuffer.getShort();
            EventBytes.getString(keyBuffer);
            ByteBuffer buffer = value == null ? null : ByteBuffer.wrap(value);
            short version = buffer == null ? VERSION : buffer.getShort();
            if (version < VERSION || version > newest(kind) || kind < REBALANCED || kind > LOOKED) {
                throw new CorruptRecordException("event of a group of an unknown kind: kind=" + kind + ", version="
                        + version + "; was it written by a newer Tidemill?");
            }
            return switch (kind) {
                case REBALANCED -> getRebalanced(buffer);
                case MEMBER -> getMember(EventBytes.getString(keyBuffer), version, buffer);
                case LOOKED -> new Looked(keyBuffer.getInt());
                default -> getOffset(new TopicPartition(EventBytes.getString(keyBuffer), keyBuffer.getInt()), buffer);
            };
        } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
            throw unreadable(key, value, e);
        }
    }

    private static short newest(short kind) {
        return kind == MEMBER ? HOME_VERSION : VERSION;
    }

    private static CorruptRecordException unreadable(byte[] key, byte @Nullable [] value, RuntimeException cause) {
        return new CorruptRecordException(
                "event of a group cannot be read: keyBytes=" + key.length + ", valueBytes="
                        + (value == null ? "none" : value.length),
                cause);
    }

    private static GroupEvent getRebalanced(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return new Dissolved();
        }
        int epoch = buffer.getInt();
        long timeMs = buffer.getLong();
        return new Rebalanced(epoch, getCounts(buffer), timeMs);
    }

    private static Map<String, Integer> getCounts(ByteBuffer buffer) {
        Map<String, Integer> counts = new HashMap<>();
        for (int left = buffer.getInt(); left > 0; left--) {
            counts.put(EventBytes.getString(buffer), buffer.getInt());
        }
        return counts;
    }

    private static GroupEvent getMember(String id, short version, @Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return new MemberGone(id);
        }
        String instanceId = buffer.get() == 0 ? null : EventBytes.getString(buffer);
        Set<String> topics = new HashSet<>();
        for (int left = buffer.getInt(); left > 0; left--) {
            topics.add(EventBytes.getString(buffer));
        }
        GroupTimeouts timeouts = new GroupTimeouts(buffer.getLong(), buffer.getLong());
        int epoch = buffer.getInt();
        int formerEpoch = buffer.getInt();
        Set<TopicPartition> target = getPartitions(buffer);
        Set<TopicPartition> assigned = getPartitions(buffer);
        Set<TopicPartition> revoked = getPartitions(buffer);
        Incarnation home =
                version < HOME_VERSION ? Incarnation.NONE : new Incarnation(buffer.getInt(), buffer.getLong());
        return new MemberChanged(
                new Member(id, home, instanceId, topics, timeouts, epoch, formerEpoch, target, assigned, revoked));
    }

    private static Set<TopicPartition> getPartitions(ByteBuffer buffer) {
        Set<TopicPartition> partitions = new HashSet<>();
        for (int topics = buffer.getInt(); topics > 0; topics--) {
            String topic = EventBytes.getString(buffer);
            for (int left = buffer.getInt(); left > 0; left--) {
                partitions.add(new TopicPartition(topic, buffer.getInt()));
            }
        }
        return partitions;
    }

    private static GroupEvent getOffset(TopicPartition partition, @Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return new Forgotten(partition);
        }
        return new Committed(
                partition,
                new CommittedOffset(
                        EventBytes.getId(buffer), buffer.getLong(), EventBytes.getString(buffer), buffer.getLong()));
    }
}
