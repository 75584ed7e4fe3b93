package io.tidemill.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.TopicSettings;
import io.tidemill.errors.CorruptRecordException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
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
    private static final String SEGMENT_BYTES = "segment.bytes";
    private static final String SEGMENT_MS = "segment.ms";
    private static final String RETENTION_MS = "retention.ms";
    private static final String RETENTION_BYTES = "retention.bytes";

    /** As the value of a record. */
    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeShort(TYPE);
            out.writeShort(VERSION);
            out.writeLong(id.getMostSignificantBits());
            out.writeLong(id.getLeastSignificantBits());
            out.writeInt(settings.partitions());
            putString(out, name);
            Map<String, String> values = values(settings);
            out.writeInt(values.size());
            for (Map.Entry<String, String> entry : values.entrySet()) {
                putString(out, entry.getKey());
                putString(out, entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory refused to be written", e);
        }
        return bytes.toByteArray();
    }

    private static Map<String, String> values(TopicSettings settings) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put(MAX_MESSAGE_BYTES, Integer.toString(settings.maxMessageBytes()));
        values.put(SEGMENT_BYTES, Long.toString(settings.log().segmentBytes()));
        values.put(SEGMENT_MS, Long.toString(settings.log().segmentMs()));
        values.put(RETENTION_MS, Long.toString(settings.log().retentionMs()));
        values.put(RETENTION_BYTES, Long.toString(settings.log().retentionBytes()));
        return values;
    }

    private static void putString(DataOutputStream out, String string) throws IOException {
        byte[] bytes = string.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
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
            String value = entry.getValue();
            settings = switch (entry.getKey()) {
                case MAX_MESSAGE_BYTES -> settings.withMaxMessageBytes(Integer.parseInt(value));
                case SEGMENT_BYTES -> settings.withSegmentBytes(Long.parseLong(value));
                case SEGMENT_MS -> settings.withSegmentAge(Duration.ofMillis(Long.parseLong(value)));
                case RETENTION_MS -> settings.withRetention(Duration.ofMillis(Long.parseLong(value)));
                case RETENTION_BYTES -> settings.withRetentionBytes(Long.parseLong(value));
                default -> throw new IllegalArgumentException("unknown setting: " + entry.getKey());
            };
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
