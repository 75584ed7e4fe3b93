package io.tidemill.metadata;

import io.tidemill.errors.CorruptRecordException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Something that happened to a topic, as the value of a record.
 *
 * <pre>
 *   type (int16) | version (int16) | topic id | what the type says
 *
 *   strings and ids as {@link EventBytes} has them
 * </pre>
 */
public sealed interface MetadataEvent permits TopicRecord, TopicRemoval {
    /** As the value of a record. */
    default byte[] encode() {
        return EventBytes.of(out -> {
            out.writeShort(type());
            out.writeShort(version());
            EventBytes.putId(out, id());
            put(out);
        });
    }

    short type();

    short version();

    /** Of the topic. */
    UUID id();

    /** Writes what comes behind the id. */
    void put(DataOutputStream out) throws IOException;

    /** What {@link #encode} made. What is not known is refused, not lost. */
    static MetadataEvent decode(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            short type = buffer.getShort();
            short version = buffer.getShort();
            if (type == TopicRecord.TYPE && version == TopicRecord.VERSION) {
                return TopicRecord.get(EventBytes.getId(buffer), buffer);
            }
            if (type == TopicRemoval.TYPE && version == TopicRemoval.VERSION) {
                return new TopicRemoval(EventBytes.getId(buffer));
            }
            throw new CorruptRecordException("metadata event of an unknown kind: type=" + type + ", version=" + version
                    + "; was it written by a newer Tidemill?");
        } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
            throw new CorruptRecordException("metadata event cannot be read: bytes=" + bytes.length, e);
        }
    }
}
