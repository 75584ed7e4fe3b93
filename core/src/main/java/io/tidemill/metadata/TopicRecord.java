package io.tidemill.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.TopicSettings;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogSettings;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
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
    private static final String FLUSH_MESSAGES = "flush.messages";
    private static final String FLUSH_MS = "flush.ms";
    private static final String CLEANUP_POLICY = "cleanup.policy";
    private static final String MIN_CLEANABLE_DIRTY_RATIO = "min.cleanable.dirty.ratio";
    private static final String MIN_COMPACTION_LAG_MS = "min.compaction.lag.ms";
    private static final String DELETE_RETENTION_MS = "delete.retention.ms";

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
        FlushSettings flush = settings.log().flush();
        values.put(FLUSH_MESSAGES, Long.toString(flush.messages()));
        values.put(FLUSH_MS, Long.toString(flush.ms()));
        CleanupSettings cleanup = settings.log().cleanup();
        values.put(CLEANUP_POLICY, cleanup.policy().toString());
        values.put(MIN_CLEANABLE_DIRTY_RATIO, Double.toString(cleanup.minCleanableDirtyRatio()));
        values.put(MIN_COMPACTION_LAG_MS, Long.toString(cleanup.minCompactionLagMs()));
        values.put(DELETE_RETENTION_MS, Long.toString(cleanup.deleteRetentionMs()));
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

    /** What is not there has its default. */
    private static TopicSettings settings(int partitions, Map<String, String> values) {
        TopicSettings defaults = TopicSettings.partitions(partitions);
        Map<String, String> all = values(defaults);
        for (Map.Entry<String, String> entry : values.entrySet()) {
            if (all.replace(entry.getKey(), entry.getValue()) == null) {
                throw new IllegalArgumentException("unknown setting: " + entry.getKey());
            }
        }
        FlushSettings flush = new FlushSettings(number(all, FLUSH_MESSAGES), number(all, FLUSH_MS));
        CleanupSettings cleanup = new CleanupSettings(
                CleanupPolicy.of(text(all, CLEANUP_POLICY)),
                Double.parseDouble(text(all, MIN_CLEANABLE_DIRTY_RATIO)),
                number(all, MIN_COMPACTION_LAG_MS),
                number(all, DELETE_RETENTION_MS));
        LogSettings log = new LogSettings(
                number(all, SEGMENT_BYTES),
                number(all, SEGMENT_MS),
                number(all, RETENTION_MS),
                number(all, RETENTION_BYTES),
                flush,
                cleanup);
        return new TopicSettings(partitions, Integer.parseInt(text(all, MAX_MESSAGE_BYTES)), log);
    }

    private static long number(Map<String, String> values, String key) {
        return Long.parseLong(text(values, key));
    }

    private static String text(Map<String, String> values, String key) {
        return Objects.requireNonNull(values.get(key), key);
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
