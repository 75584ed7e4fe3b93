package io.tidemill.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.TopicSettings;
import io.tidemill.errors.CorruptRecordException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The event that a topic was created.
 *
 * <pre>
 *   type = 1 (int16) | version = 0 (int16) | topic id (2 × int64) | partitions (int32)
 *   | name (string) | number of settings (int32) | for each: name (string), value (string)
 *
 *   string: length in bytes (int32), UTF-8; all numbers big-endian
 * </pre>
 *
 * Settings go by Kafka's names and as text, so that new ones need no new version.
 */
public record TopicRecord(UUID id, String name, TopicSettings settings) {
    private static final short TYPE = 1;
    private static final short VERSION = 0;
    private static final String MAX_MESSAGE_BYTES = "max.message.bytes";

    /** As the value of a record. */
    public byte[] encode() {
        byte[] nameBytes = name.getBytes(UTF_8);
        byte[] key = MAX_MESSAGE_BYTES.getBytes(UTF_8);
        byte[] value = Integer.toString(settings.maxMessageBytes()).getBytes(UTF_8);
        int strings = nameBytes.length + key.length + value.length + 3 * Integer.BYTES;
        ByteBuffer buffer = ByteBuffer.allocate(2 * Short.BYTES + 2 * Long.BYTES + 2 * Integer.BYTES + strings);
        buffer.putShort(TYPE).putShort(VERSION);
        buffer.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        buffer.putInt(settings.partitions());
        buffer.putInt(nameBytes.length).put(nameBytes);
        buffer.putInt(1);
        buffer.putInt(key.length).put(key);
        buffer.putInt(value.length).put(value);
        return buffer.array();
    }

    /** What {@link #encode} made. Settings that are not known are refused, not lost. */
    public static TopicRecord decode(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            short type = buffer.getShort();
            short version = buffer.getShort();
            if (type != TYPE || version != VERSION) {
                throw new CorruptRecordException("metadata event of an unknown kind: type=" + type + ", version="
                        + version + "; was it written by a newer Tidemill?");
            }
            UUID id = new UUID(buffer.getLong(), buffer.getLong());
            int partitions = buffer.getInt();
            String name = getString(buffer);
            return new TopicRecord(id, name, settings(partitions, getSettings(buffer)));
        } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
            throw new CorruptRecordException("metadata event cannot be read: bytes=" + bytes.length, e);
        }
    }

    private static TopicSettings settings(int partitions, Map<String, String> values) {
        TopicSettings settings = TopicSettings.partitions(partitions);
        for (Map.Entry<String, String> entry : values.entrySet()) {
            if (!entry.getKey().equals(MAX_MESSAGE_BYTES)) {
                throw new IllegalArgumentException("unknown setting: " + entry.getKey());
            }
            settings = settings.withMaxMessageBytes(Integer.parseInt(entry.getValue()));
        }
        return settings;
    }

    private static Map<String, String> getSettings(ByteBuffer buffer) {
        Map<String, String> settings = new LinkedHashMap<>();
        int count = buffer.getInt();
        for (int i = 0; i < count; i++) {
            settings.put(getString(buffer), getString(buffer));
        }
        return settings;
    }

    private static String getString(ByteBuffer buffer) {
        int length = buffer.getInt();
        if (length > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return new String(bytes, UTF_8);
    }
}
