package io.tidemill;

import io.tidemill.metadata.SettingNames;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.LogSettings;
import java.util.Arrays;
import java.util.List;

/** What can be set of a topic, by Kafka's names and with Kafka's defaults. {@link TopicSettings} says what each means. */
public enum TopicSetting {
    /** How large a batch becomes before it stops waiting for more. A producer's in Kafka. */
    BATCH_SIZE("batch.size", TopicSettings.DEFAULT_BATCH_SIZE),
    /** Which records go that are not needed any more. */
    CLEANUP_POLICY("cleanup.policy", CleanupPolicy.DELETE),
    /** How batches are compressed. */
    COMPRESSION_TYPE("compression.type", CompressionType.NONE),
    /** How long compaction keeps a record without a value. */
    DELETE_RETENTION_MS("delete.retention.ms", CleanupSettings.DEFAULT_DELETE_RETENTION_MS),
    /** After how many records a flush is due. */
    FLUSH_MESSAGES("flush.messages", LogSettings.UNLIMITED),
    /** After which time a flush is due. */
    FLUSH_MS("flush.ms", LogSettings.UNLIMITED),
    /** How long a batch waits for more. A producer's in Kafka. */
    LINGER_MS("linger.ms", 0),
    /** The largest batch, before it is compressed. */
    MAX_MESSAGE_BYTES("max.message.bytes", TopicSettings.DEFAULT_MAX_MESSAGE_BYTES),
    /** Whose time records have. */
    MESSAGE_TIMESTAMP_TYPE("message.timestamp.type", TimestampType.CREATE_TIME),
    /** How much of a log must be new before it is compacted. */
    MIN_CLEANABLE_DIRTY_RATIO("min.cleanable.dirty.ratio", CleanupSettings.DEFAULT_MIN_CLEANABLE_DIRTY_RATIO),
    /** How long a record is safe from compaction. */
    MIN_COMPACTION_LAG_MS("min.compaction.lag.ms", CleanupSettings.DEFAULT_MIN_COMPACTION_LAG_MS),
    /** How many replicas must be in sync for records to be committed, in a cluster. */
    MIN_INSYNC_REPLICAS("min.insync.replicas", 1),
    /** How many brokers of a cluster keep each partition. An argument of a topic's creation in Kafka. */
    REPLICATION_FACTOR("replication.factor", TopicSettings.DEFAULT_REPLICATION_FACTOR),
    /** How much a partition keeps. */
    RETENTION_BYTES("retention.bytes", LogSettings.DEFAULT_RETENTION_BYTES),
    /** How long a partition keeps records. */
    RETENTION_MS("retention.ms", LogSettings.DEFAULT_RETENTION_MS),
    /** How large a file becomes. */
    SEGMENT_BYTES("segment.bytes", LogSettings.DEFAULT_SEGMENT_BYTES),
    /** How long a file is appended to. */
    SEGMENT_MS("segment.ms", LogSettings.DEFAULT_SEGMENT_MS),
    /** Whether a replica that may lack committed records may lead, where no other can. */
    UNCLEAN_LEADER_ELECTION_ENABLE("unclean.leader.election.enable", false);

    private final String key;
    private final String defaultValue;

    TopicSetting(String key, Object defaultValue) {
        this.key = key;
        this.defaultValue = defaultValue.toString();
    }

    /**
     * The setting of that name.
     *
     * @param key Kafka's name
     * @return the setting
     * @throws IllegalArgumentException when there is none; it says which one may be meant
     */
    public static TopicSetting of(String key) {
        for (TopicSetting setting : values()) {
            if (setting.key.equals(key)) {
                return setting;
            }
        }
        List<String> known = Arrays.stream(values()).map(TopicSetting::key).toList();
        throw new IllegalArgumentException("unknown setting of a topic: " + SettingNames.notKnown(key, known));
    }

    /**
     * Its name.
     *
     * @return as Kafka has it
     */
    public String key() {
        return key;
    }

    /**
     * What it is where nobody says anything else.
     *
     * @return as text
     */
    public String defaultValue() {
        return defaultValue;
    }

    /** As Kafka has it. */
    @Override
    public String toString() {
        return key;
    }
}
