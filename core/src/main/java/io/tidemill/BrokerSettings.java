package io.tidemill;

import java.time.Duration;

/**
 * Settings of a broker.
 *
 * @param lanes how many writers there are; each owns a ring, and a thread where threads are dedicated
 * @param ringBytes the size of each lane's ring, a power of two; bounds what is accepted and not yet written
 * @param maxBlock how long a send waits for room in a full ring before it throws
 * @param closeTimeout how long closing waits for what was accepted to be written
 * @param retentionCheckInterval Kafka's {@code log.retention.check.interval.ms}: how often it is looked for what topics need
 *     not keep any more, and for what can be compacted
 * @param topicDefaults what is set in these holds for every topic that does not set it itself; their partitions are Kafka's
 *     {@code num.partitions}, for topics that are created by themselves
 * @param autoCreateTopics Kafka's {@code auto.create.topics.enable}: whether asking for a topic creates it
 */
public record BrokerSettings(
        int lanes,
        int ringBytes,
        Duration maxBlock,
        Duration closeTimeout,
        Duration retentionCheckInterval,
        TopicSettings topicDefaults,
        boolean autoCreateTopics) {
    private static final int LANES_MAX = 256;
    private static final int RING_BYTES_MIN = 64 * 1024;
    private static final int RING_BYTES_MAX = 1 << 30;

    /** Validates. */
    public BrokerSettings {
        if (lanes < 1 || lanes > LANES_MAX) {
            throw new IllegalArgumentException("lanes must be from 1 to " + LANES_MAX + ": lanes=" + lanes);
        }
        if (ringBytes < RING_BYTES_MIN || ringBytes > RING_BYTES_MAX || Integer.bitCount(ringBytes) != 1) {
            throw new IllegalArgumentException("ringBytes must be a power of two from " + RING_BYTES_MIN + " to "
                    + RING_BYTES_MAX + ": ringBytes=" + ringBytes);
        }
        requireNotNegative("maxBlock", maxBlock);
        requireNotNegative("closeTimeout", closeTimeout);
        if (retentionCheckInterval.isNegative() || retentionCheckInterval.isZero()) {
            throw new IllegalArgumentException(
                    "retentionCheckInterval must be positive: retentionCheckInterval=" + retentionCheckInterval);
        }
    }

    private static void requireNotNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative: " + name + "=" + value);
        }
    }

    /**
     * One lane, a ring of 4 MiB, up to 60 s for room in the ring, up to 30 s to close, a retention check every 5 minutes, Kafka's
     * defaults for topics, none of which is created by itself.
     *
     * @return the default
     */
    public static BrokerSettings defaults() {
        return new BrokerSettings(
                1,
                4 << 20,
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                TopicSettings.partitions(1),
                false);
    }

    /**
     * The same with another number of lanes.
     *
     * @param lanes as in the record
     * @return a copy
     */
    public BrokerSettings withLanes(int lanes) {
        return new BrokerSettings(
                lanes, ringBytes, maxBlock, closeTimeout, retentionCheckInterval, topicDefaults, autoCreateTopics);
    }

    /**
     * The same with as many lanes as the JVM has pairs of processors: one of a pair for the lane, one for those who send to it.
     * Worth it where many threads send to many partitions; a partition has one lane, whatever there are.
     *
     * @return a copy
     */
    public BrokerSettings withLanesOfThisMachine() {
        return withLanes(lanesFor(Runtime.getRuntime().availableProcessors()));
    }

    static int lanesFor(int processors) {
        return Math.max(1, Math.min(LANES_MAX, processors / 2));
    }

    /**
     * The same with rings of another size.
     *
     * @param ringBytes as in the record
     * @return a copy
     */
    public BrokerSettings withRingBytes(int ringBytes) {
        return new BrokerSettings(
                lanes, ringBytes, maxBlock, closeTimeout, retentionCheckInterval, topicDefaults, autoCreateTopics);
    }

    /**
     * The same with another patience of senders.
     *
     * @param maxBlock as in the record
     * @return a copy
     */
    public BrokerSettings withMaxBlock(Duration maxBlock) {
        return new BrokerSettings(
                lanes, ringBytes, maxBlock, closeTimeout, retentionCheckInterval, topicDefaults, autoCreateTopics);
    }

    /**
     * The same with another patience of {@link Broker#close}.
     *
     * @param closeTimeout as in the record
     * @return a copy
     */
    public BrokerSettings withCloseTimeout(Duration closeTimeout) {
        return new BrokerSettings(
                lanes, ringBytes, maxBlock, closeTimeout, retentionCheckInterval, topicDefaults, autoCreateTopics);
    }

    /**
     * The same with another interval.
     *
     * @param retentionCheckInterval as in the record
     * @return a copy
     */
    public BrokerSettings withRetentionCheckInterval(Duration retentionCheckInterval) {
        return new BrokerSettings(
                lanes, ringBytes, maxBlock, closeTimeout, retentionCheckInterval, topicDefaults, autoCreateTopics);
    }

    /**
     * The same with other defaults for topics.
     *
     * @param topicDefaults as in the record
     * @return a copy
     */
    public BrokerSettings withTopicDefaults(TopicSettings topicDefaults) {
        return new BrokerSettings(
                lanes, ringBytes, maxBlock, closeTimeout, retentionCheckInterval, topicDefaults, autoCreateTopics);
    }

    /**
     * The same, creating topics by themselves or not.
     *
     * @param autoCreateTopics as in the record
     * @return a copy
     */
    public BrokerSettings withAutoCreateTopics(boolean autoCreateTopics) {
        return new BrokerSettings(
                lanes, ringBytes, maxBlock, closeTimeout, retentionCheckInterval, topicDefaults, autoCreateTopics);
    }
}
