package io.tidemill;

import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogSettings;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a topic: how many partitions, and a value for each {@link TopicSetting}. A value that was not set is the
 * broker's, and where that has none, Kafka's default. Immutable; two are equal when all values are, wherever they are from.
 */
public final class TopicSettings {
    /** Kafka's default of {@code max.message.bytes}. */
    public static final int DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

    /** Kafka's default of {@code batch.size}. */
    public static final int DEFAULT_BATCH_SIZE = 16_384;

    /** As many replicas as the cluster's {@code default.replication.factor} says. */
    public static final int DEFAULT_REPLICATION_FACTOR = -1;

    private static final int PARTITIONS_MAX = 100_000;
    private static final int REPLICATION_FACTOR_MAX = Short.MAX_VALUE;
    private static final int MAX_MESSAGE_BYTES_MIN = 1024;
    private static final int SEGMENT_BYTES_MIN = 16 * 1024;

    /** Where a value is from. */
    public enum Source {
        /** From nowhere: it is what Kafka would do. */
        DEFAULT,
        /** From {@link BrokerSettings#topicDefaults}. */
        BROKER,
        /** It was set for the topic. */
        TOPIC
    }

    private final int partitions;
    private final Map<TopicSetting, String> ofTopic;
    private final Map<TopicSetting, String> ofBroker;
    private final int maxMessageBytes;
    private final CompressionType compression;
    private final LogSettings log;
    private final long lingerMs;
    private final int batchSize;
    private final TimestampType timestampType;
    private final int replicationFactor;
    private final int minInsyncReplicas;
    private final boolean isUncleanElection;

    private TopicSettings(int partitions, Map<TopicSetting, String> ofTopic, Map<TopicSetting, String> ofBroker) {
        this.partitions = partitions;
        this.ofTopic = ofTopic;
        this.ofBroker = ofBroker;
        if (partitions < 1 || partitions > PARTITIONS_MAX) {
            throw new IllegalArgumentException(
                    "partitions must be from 1 to " + PARTITIONS_MAX + ": partitions=" + partitions);
        }
        this.maxMessageBytes = (int) number(TopicSetting.MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES_MIN);
        this.compression = CompressionType.of(get(TopicSetting.COMPRESSION_TYPE));
        this.lingerMs = number(TopicSetting.LINGER_MS, 0);
        this.batchSize = (int) number(TopicSetting.BATCH_SIZE, 0);
        this.timestampType = TimestampType.of(get(TopicSetting.MESSAGE_TIMESTAMP_TYPE));
        this.replicationFactor = (int) number(TopicSetting.REPLICATION_FACTOR, DEFAULT_REPLICATION_FACTOR);
        this.minInsyncReplicas = (int) number(TopicSetting.MIN_INSYNC_REPLICAS, 1);
        this.isUncleanElection = flag(TopicSetting.UNCLEAN_LEADER_ELECTION_ENABLE);
        this.log = newLogSettings();
        if (replicationFactor == 0 || replicationFactor > REPLICATION_FACTOR_MAX) {
            throw new IllegalArgumentException(
                    "replication.factor must be from 1 to " + REPLICATION_FACTOR_MAX + ", or "
                            + DEFAULT_REPLICATION_FACTOR + " for the cluster's: replication.factor="
                            + replicationFactor);
        }
        if (log.segmentBytes() < SEGMENT_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "segment.bytes must be at least " + SEGMENT_BYTES_MIN + ": segment.bytes=" + log.segmentBytes());
        }
    }

    private LogSettings newLogSettings() {
        return new LogSettings(
                number(TopicSetting.SEGMENT_BYTES),
                number(TopicSetting.SEGMENT_MS),
                number(TopicSetting.RETENTION_MS),
                number(TopicSetting.RETENTION_BYTES),
                new FlushSettings(number(TopicSetting.FLUSH_MESSAGES), number(TopicSetting.FLUSH_MS)),
                new CleanupSettings(
                        CleanupPolicy.of(get(TopicSetting.CLEANUP_POLICY)),
                        fraction(TopicSetting.MIN_CLEANABLE_DIRTY_RATIO),
                        number(TopicSetting.MIN_COMPACTION_LAG_MS),
                        number(TopicSetting.DELETE_RETENTION_MS)));
    }

    private long number(TopicSetting setting) {
        try {
            return Long.parseLong(get(setting));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(setting + " must be a whole number: " + setting + "=" + get(setting), e);
        }
    }

    private long number(TopicSetting setting, int min) {
        long number = number(setting);
        if (number < min || number > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(setting + " must be at least " + min + ", and at most "
                    + Integer.MAX_VALUE + ": " + setting + "=" + number);
        }
        return number;
    }

    private double fraction(TopicSetting setting) {
        try {
            return Double.parseDouble(get(setting));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(setting + " must be a number: " + setting + "=" + get(setting), e);
        }
    }

    private boolean flag(TopicSetting setting) {
        String value = get(setting);
        if (!value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException(setting + " must be true or false: " + setting + "=" + value);
        }
        return value.equals("true");
    }

    /**
     * That many partitions, and defaults.
     *
     * @param partitions at least 1
     * @return settings
     */
    public static TopicSettings partitions(int partitions) {
        return new TopicSettings(partitions, Map.of(), Map.of());
    }

    /**
     * How many partitions.
     *
     * @return at least 1
     */
    public int partitions() {
        return partitions;
    }

    /**
     * Kafka's {@code max.message.bytes}: the largest batch, before it is compressed, and so an upper bound of a record
     * with its overhead.
     *
     * @return bytes
     */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /**
     * Kafka's {@code compression.type}: how batches are compressed when they are appended. Those that are there stay as
     * they are, and so does one that would not become smaller.
     *
     * @return not compressed, or by which codec
     */
    public CompressionType compression() {
        return compression;
    }

    /**
     * Kafka's {@code linger.ms}: how long a batch waits for more records, counted from when its first one was sent. Until
     * it is appended, nobody reads of it and nothing of it is acknowledged. With 0 nothing waits, and what has come
     * meanwhile is one batch.
     *
     * @return milliseconds
     */
    public long lingerMs() {
        return lingerMs;
    }

    /**
     * Kafka's {@code batch.size}: a batch that has reached it does not linger any more.
     *
     * @return bytes
     */
    public int batchSize() {
        return batchSize;
    }

    /**
     * Kafka's {@code message.timestamp.type}.
     *
     * @return whose time records have
     */
    public TimestampType timestampType() {
        return timestampType;
    }

    /**
     * How many brokers of a cluster keep each partition; counts when partitions are created. A broker that is in no cluster is
     * the only one.
     *
     * @return at least 1, or {@link #DEFAULT_REPLICATION_FACTOR}
     */
    public int replicationFactor() {
        return replicationFactor;
    }

    /**
     * Kafka's {@code min.insync.replicas}: with fewer replicas in sync, nothing is committed. Counts in a cluster.
     *
     * @return at least 1
     */
    public int minInsyncReplicas() {
        return minInsyncReplicas;
    }

    /**
     * Kafka's {@code unclean.leader.election.enable}: whether a replica that may lack committed records leads a partition which
     * would have no leader otherwise. Those records are lost then. Counts in a cluster.
     *
     * @return whether it may
     */
    public boolean isUncleanLeaderElectionEnabled() {
        return isUncleanElection;
    }

    /**
     * How the log of each partition is kept: its files, and for how long.
     *
     * @return what the settings come to
     */
    public LogSettings log() {
        return log;
    }

    /**
     * A value.
     *
     * @param setting of which
     * @return as text
     */
    public String get(TopicSetting setting) {
        String value = ofTopic.getOrDefault(setting, ofBroker.get(setting));
        return value == null ? setting.defaultValue() : value;
    }

    /**
     * Where a value is from.
     *
     * @param setting of which
     * @return who said it last
     */
    public Source source(TopicSetting setting) {
        if (ofTopic.containsKey(setting)) {
            return Source.TOPIC;
        }
        return ofBroker.containsKey(setting) ? Source.BROKER : Source.DEFAULT;
    }

    /**
     * What was set for the topic.
     *
     * @return always in the same order; cannot be changed
     */
    public Map<TopicSetting, String> ofTopic() {
        return Collections.unmodifiableMap(ofTopic);
    }

    /**
     * The same with another number of partitions.
     *
     * @param partitions at least 1
     * @return a copy
     */
    public TopicSettings withPartitions(int partitions) {
        return new TopicSettings(partitions, ofTopic, ofBroker);
    }

    /**
     * The same with another value.
     *
     * @param key Kafka's name of the setting
     * @param value as text
     * @return a copy
     * @throws IllegalArgumentException when there is no such setting, or it cannot have that value
     */
    public TopicSettings with(String key, String value) {
        return with(TopicSetting.of(key), value);
    }

    /**
     * The same with another value.
     *
     * @param setting of which
     * @param value whose text is meant
     * @return a copy
     * @throws IllegalArgumentException when it cannot have that value
     */
    public TopicSettings with(TopicSetting setting, Object value) {
        Map<TopicSetting, String> values = new EnumMap<>(TopicSetting.class);
        values.putAll(ofTopic);
        values.put(setting, value.toString());
        return new TopicSettings(partitions, values, ofBroker);
    }

    /**
     * The same, where a setting has not been set.
     *
     * @param setting which has the broker's value from then on, or the default
     * @return a copy
     */
    public TopicSettings without(TopicSetting setting) {
        Map<TopicSetting, String> values = new EnumMap<>(TopicSetting.class);
        values.putAll(ofTopic);
        values.remove(setting);
        return new TopicSettings(partitions, values, ofBroker);
    }

    /**
     * The same on a broker that has values of its own for what was not set.
     *
     * @param defaults what was set in these
     * @return a copy
     */
    public TopicSettings over(TopicSettings defaults) {
        return new TopicSettings(partitions, ofTopic, defaults.ofTopic);
    }

    /**
     * The same with another limit.
     *
     * @param maxMessageBytes as {@link #maxMessageBytes}, at least 1024
     * @return a copy
     */
    public TopicSettings withMaxMessageBytes(int maxMessageBytes) {
        return with(TopicSetting.MAX_MESSAGE_BYTES, maxMessageBytes);
    }

    /**
     * The same with other compression, of what is appended from then on.
     *
     * @param compression as {@link #compression}
     * @return a copy
     */
    public TopicSettings withCompression(CompressionType compression) {
        return with(TopicSetting.COMPRESSION_TYPE, compression);
    }

    /**
     * The same with batches that wait for more.
     *
     * @param linger as {@link #lingerMs}, not negative
     * @return a copy
     */
    public TopicSettings withLinger(Duration linger) {
        return with(TopicSetting.LINGER_MS, linger.toMillis());
    }

    /**
     * The same with another size at which batches do not wait any more.
     *
     * @param batchSize as {@link #batchSize}, not negative
     * @return a copy
     */
    public TopicSettings withBatchSize(int batchSize) {
        return with(TopicSetting.BATCH_SIZE, batchSize);
    }

    /**
     * The same with other times.
     *
     * @param timestampType whose time records have
     * @return a copy
     */
    public TopicSettings withTimestampType(TimestampType timestampType) {
        return with(TopicSetting.MESSAGE_TIMESTAMP_TYPE, timestampType);
    }

    /**
     * The same with files of another size.
     *
     * @param segmentBytes as in {@link LogSettings}, at least 16 KiB
     * @return a copy
     */
    public TopicSettings withSegmentBytes(long segmentBytes) {
        return with(TopicSetting.SEGMENT_BYTES, segmentBytes);
    }

    /**
     * The same with files of another age.
     *
     * @param age how long a file is appended to, at least a millisecond
     * @return a copy
     */
    public TopicSettings withSegmentAge(Duration age) {
        return with(TopicSetting.SEGMENT_MS, age.toMillis());
    }

    /**
     * The same, keeping records for another time.
     *
     * @param age at least 0
     * @return a copy
     */
    public TopicSettings withRetention(Duration age) {
        return with(TopicSetting.RETENTION_MS, age.toMillis());
    }

    /**
     * The same, keeping another amount.
     *
     * @param retentionBytes as in {@link LogSettings}
     * @return a copy
     */
    public TopicSettings withRetentionBytes(long retentionBytes) {
        return with(TopicSetting.RETENTION_BYTES, retentionBytes);
    }

    /**
     * The same, keeping everything for ever.
     *
     * @return a copy
     */
    public TopicSettings withUnlimitedRetention() {
        return with(TopicSetting.RETENTION_MS, LogSettings.UNLIMITED)
                .with(TopicSetting.RETENTION_BYTES, LogSettings.UNLIMITED);
    }

    /**
     * The same with other flushes.
     *
     * @param flush when records are made to survive a crash of the machine
     * @return a copy
     */
    public TopicSettings withFlush(FlushSettings flush) {
        return with(TopicSetting.FLUSH_MESSAGES, flush.messages()).with(TopicSetting.FLUSH_MS, flush.ms());
    }

    /**
     * The same with another cleanup. A topic that compacts takes no record without a key.
     *
     * @param cleanup what becomes of records that are not needed any more
     * @return a copy
     */
    public TopicSettings withCleanup(CleanupSettings cleanup) {
        return with(TopicSetting.CLEANUP_POLICY, cleanup.policy())
                .with(TopicSetting.MIN_CLEANABLE_DIRTY_RATIO, cleanup.minCleanableDirtyRatio())
                .with(TopicSetting.MIN_COMPACTION_LAG_MS, cleanup.minCompactionLagMs())
                .with(TopicSetting.DELETE_RETENTION_MS, cleanup.deleteRetentionMs());
    }

    /**
     * The same with another number of replicas, of partitions that are created from then on.
     *
     * @param replicationFactor as {@link #replicationFactor}
     * @return a copy
     */
    public TopicSettings withReplicationFactor(int replicationFactor) {
        return with(TopicSetting.REPLICATION_FACTOR, replicationFactor);
    }

    /**
     * The same with another number of replicas that have to be in sync.
     *
     * @param minInsyncReplicas as {@link #minInsyncReplicas}
     * @return a copy
     */
    public TopicSettings withMinInsyncReplicas(int minInsyncReplicas) {
        return with(TopicSetting.MIN_INSYNC_REPLICAS, minInsyncReplicas);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TopicSettings that
                && partitions == that.partitions
                && maxMessageBytes == that.maxMessageBytes
                && compression == that.compression
                && lingerMs == that.lingerMs
                && batchSize == that.batchSize
                && timestampType == that.timestampType
                && replicationFactor == that.replicationFactor
                && minInsyncReplicas == that.minInsyncReplicas
                && isUncleanElection == that.isUncleanElection
                && log.equals(that.log);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                partitions,
                maxMessageBytes,
                compression,
                lingerMs,
                batchSize,
                timestampType,
                replicationFactor,
                minInsyncReplicas,
                isUncleanElection,
                log);
    }

    /** Names what is not a default. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("partitions=").append(partitions);
        for (TopicSetting setting : TopicSetting.values()) {
            if (source(setting) != Source.DEFAULT) {
                text.append(", ").append(setting).append('=').append(get(setting));
            }
        }
        return text.toString();
    }
}
