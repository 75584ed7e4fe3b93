package io.tidemill.replication.controller;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.metadata.EventBytes;
import io.tidemill.metadata.MetadataEvent;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What events, snapshots and messages of a cluster have in common. What was put is got again from a buffer, whose position moves behind
 * it. Nothing is allocated that is not there: each element of a list takes a byte at least.
 *
 * <pre>
 *   list: number of elements (int32) | each;   boolean: int8;   partition id: topic id | index (int32)
 *   settings: list of (name (string), value (string)), by name
 *   incarnation: id | address (string) | rack (string) | started (int64)
 *   topic event: length (int32) | as {@link MetadataEvent} has it
 *   partition state:
 *     replicas (list of int32) | adding (the same) | removing (the same) | isr (the same) | elr (the same)
 *     | leader (int32) | last leader (int32) | leader epoch (int32) | partition epoch (int32)
 *
 *   strings and ids as {@link EventBytes} has them
 * </pre>
 */
final class ClusterBytes {
    /** Puts an element of a list. */
    interface Element<T> {
        void put(DataOutputStream out, T element) throws IOException;
    }

    private ClusterBytes() {}

    /** All of the bytes, or none. */
    static <T> T get(byte[] bytes, String what, Function<ByteBuffer, T> content) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            T got = content.apply(buffer);
            if (buffer.hasRemaining()) {
                throw new IllegalArgumentException("more than that: bytes left=" + buffer.remaining());
            }
            return got;
        } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
            throw new CorruptRecordException(what + " of a cluster cannot be read: bytes=" + bytes.length, e);
        }
    }

    static <T> void putList(DataOutputStream out, Collection<T> list, Element<T> element) throws IOException {
        out.writeInt(list.size());
        for (T each : list) {
            element.put(out, each);
        }
    }

    static <T> List<T> getList(ByteBuffer buffer, Function<ByteBuffer, T> element) {
        int count = buffer.getInt();
        if (count < 0 || count > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        List<T> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(element.apply(buffer));
        }
        return list;
    }

    static void putInts(DataOutputStream out, List<Integer> list) throws IOException {
        putList(out, list, DataOutputStream::writeInt);
    }

    static List<Integer> getInts(ByteBuffer buffer) {
        return getList(buffer, ByteBuffer::getInt);
    }

    static void putSettings(DataOutputStream out, Map<String, String> settings) throws IOException {
        putList(out, new TreeMap<>(settings).entrySet(), (to, entry) -> {
            EventBytes.putString(to, entry.getKey());
            EventBytes.putString(to, entry.getValue());
        });
    }

    static Map<String, String> getSettings(ByteBuffer buffer) {
        Map<String, String> settings = new TreeMap<>();
        for (Map.Entry<String, String> entry : getList(buffer, ClusterBytes::getSetting)) {
            settings.put(entry.getKey(), entry.getValue());
        }
        return settings;
    }

    private static Map.Entry<String, String> getSetting(ByteBuffer buffer) {
        return Map.entry(EventBytes.getString(buffer), EventBytes.getString(buffer));
    }

    static boolean getBoolean(ByteBuffer buffer) {
        return buffer.get() != 0;
    }

    static void putTopicEvent(DataOutputStream out, MetadataEvent event) throws IOException {
        byte[] bytes = event.encode();
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static MetadataEvent getTopicEvent(ByteBuffer buffer) {
        int length = buffer.getInt();
        if (length < 0 || length > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return MetadataEvent.decode(bytes);
    }

    static void putIncarnation(DataOutputStream out, BrokerIncarnation incarnation) throws IOException {
        EventBytes.putId(out, incarnation.id());
        EventBytes.putString(out, incarnation.address());
        EventBytes.putString(out, incarnation.rack());
        out.writeLong(incarnation.startedMs());
    }

    static BrokerIncarnation getIncarnation(ByteBuffer buffer) {
        return new BrokerIncarnation(
                EventBytes.getId(buffer), EventBytes.getString(buffer), EventBytes.getString(buffer), buffer.getLong());
    }

    static void putPartitionId(DataOutputStream out, PartitionId id) throws IOException {
        EventBytes.putId(out, id.topicId());
        out.writeInt(id.index());
    }

    static PartitionId getPartitionId(ByteBuffer buffer) {
        return new PartitionId(EventBytes.getId(buffer), buffer.getInt());
    }

    static void putState(DataOutputStream out, PartitionState state) throws IOException {
        putInts(out, state.assignment().replicas());
        putInts(out, state.assignment().adding());
        putInts(out, state.assignment().removing());
        putInts(out, state.isr());
        putInts(out, state.elr());
        out.writeInt(state.leader());
        out.writeInt(state.lastLeader());
        out.writeInt(state.leaderEpoch());
        out.writeInt(state.partitionEpoch());
    }

    static PartitionState getState(ByteBuffer buffer) {
        return new PartitionState(
                new Assignment(getInts(buffer), getInts(buffer), getInts(buffer)),
                getInts(buffer),
                getInts(buffer),
                buffer.getInt(),
                buffer.getInt(),
                buffer.getInt(),
                buffer.getInt());
    }
}
