package io.tidemill.groups.sharing;

import io.tidemill.TopicPartition;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.groups.sharing.RecordState.Acknowledged;
import io.tidemill.groups.sharing.RecordState.Archived;
import io.tidemill.groups.sharing.RecordState.Archiving;
import io.tidemill.groups.sharing.RecordState.Available;
import io.tidemill.metadata.EventBytes;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * States of partitions as records of a compacted topic: the key says of which partition of which group, the value how it is from
 * now on; without a value there is no such group or partition any more.
 *
 * <pre>
 *   key     what = 1 (int16) | group (string) | topic (string) | partition (int32)
 *
 *   value   version = 0 (int16) | topic id (2 × int64) | end offset (int64) | number of runs (int32)
 *           | for each: first offset (int64), last offset (int64), state (int8), what the state adds
 *     available     0 | delivery count (int32); so is what is acquired, as no lock outlasts its coordinator
 *     acknowledged  2 |
 *     archiving     3 | delivery count (int32), reason (int8): 0 rejected, 1 delivered as often as it may be
 *     archived      4 |
 *
 *   offsets in ascending order; the start offset is that of the first run, or the end; states have Kafka's numbers;
 *   strings and ids as {@link EventBytes} has them
 * </pre>
 */
public final class ShareEventLayout {
    private static final short PARTITION = 1;
    private static final short VERSION = 0;
    private static final byte AVAILABLE = 0;
    private static final byte ACKNOWLEDGED = 2;
    private static final byte ARCHIVING = 3;
    private static final byte ARCHIVED = 4;
    private static final byte REJECTED = 0;
    private static final byte DELIVERY_COUNT_LIMIT = 1;

    private ShareEventLayout() {}

    /** Of which partition of which group a state is. */
    public static byte[] key(String group, TopicPartition partition) {
        return EventBytes.of(out -> {
            out.writeShort(PARTITION);
            EventBytes.putString(out, group);
            EventBytes.putString(out, partition.topic());
            out.writeInt(partition.partition());
        });
    }

    /**
     * A state.
     *
     * @param topicId of the topic: one that was deleted and created again has another, and nothing of it was given out
     */
    public static byte[] value(UUID topicId, ShareState state) {
        ShareState written = state.withoutLocks();
        return EventBytes.of(out -> {
            out.writeShort(VERSION);
            EventBytes.putId(out, topicId);
            out.writeLong(written.endOffset());
            out.writeInt(written.runs().size());
            for (RecordRun run : written.runs()) {
                out.writeLong(run.firstOffset());
                out.writeLong(run.lastOffset());
                putState(out, run.state());
            }
        });
    }

    private static void putState(DataOutputStream out, RecordState state) throws IOException {
        if (state instanceof Available available) {
            out.writeByte(AVAILABLE);
            out.writeInt(available.deliveryCount());
        } else if (state instanceof Archiving archiving) {
            out.writeByte(ARCHIVING);
            out.writeInt(archiving.deliveryCount());
            out.writeByte(archiving.reason() == DeadLetter.Reason.REJECTED ? REJECTED : DELIVERY_COUNT_LIMIT);
        } else {
            out.writeByte(state instanceof Acknowledged ? ACKNOWLEDGED : ARCHIVED);
        }
    }

    /** Whose state it is. */
    public static String group(byte[] key) {
        return read("key", key, PARTITION, EventBytes::getString);
    }

    /** Of which partition it is. */
    public static TopicPartition partition(byte[] key) {
        return read("key", key, PARTITION, buffer -> {
            EventBytes.getString(buffer);
            return new TopicPartition(EventBytes.getString(buffer), buffer.getInt());
        });
    }

    /** Of which topic of that name it is. */
    public static UUID topicId(byte[] value) {
        return read("value", value, VERSION, EventBytes::getId);
    }

    /** What {@link #value} was made of, without locks. What is not known is refused, not lost. */
    public static ShareState state(byte[] value) {
        return read("value", value, VERSION, buffer -> {
            EventBytes.getId(buffer);
            long endOffset = buffer.getLong();
            int count = buffer.getInt();
            if (count < 0) {
                throw new IllegalArgumentException("fewer runs than none: count=" + count);
            }
            List<RecordRun> runs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                runs.add(new RecordRun(buffer.getLong(), buffer.getLong(), getState(buffer)));
            }
            return new ShareState(endOffset, runs);
        });
    }

    private static RecordState getState(ByteBuffer buffer) {
        byte state = buffer.get();
        return switch (state) {
            case AVAILABLE -> new Available(buffer.getInt());
            case ACKNOWLEDGED -> new Acknowledged();
            case ARCHIVING -> new Archiving(buffer.getInt(), getReason(buffer));
            case ARCHIVED -> new Archived();
            default -> throw new IllegalArgumentException("unknown state of a record: state=" + state);
        };
    }

    private static DeadLetter.Reason getReason(ByteBuffer buffer) {
        byte reason = buffer.get();
        return switch (reason) {
            case REJECTED -> DeadLetter.Reason.REJECTED;
            case DELIVERY_COUNT_LIMIT -> DeadLetter.Reason.DELIVERY_COUNT_LIMIT;
            default -> throw new IllegalArgumentException("unknown reason of a dead letter: reason=" + reason);
        };
    }

    private static <T> T read(String what, byte[] bytes, short expected, Function<ByteBuffer, T> content) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            short kind = buffer.getShort();
            if (kind != expected) {
                throw new CorruptRecordException("state of a shared partition of an unknown kind: " + what + "Kind="
                        + kind + "; was it written by a newer Tidemill?");
            }
            return content.apply(buffer);
        } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
            throw new CorruptRecordException(
                    "state of a shared partition cannot be read: " + what + "Bytes=" + bytes.length, e);
        }
    }
}
