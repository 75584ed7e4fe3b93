package io.tidemill.replication.controller;

import io.tidemill.TopicSetting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** What can be set for the whole cluster beside the defaults of topics, by Kafka's names and with Kafka's defaults. */
public enum ClusterSetting {
    /** Whether partitions are led by their preferred replicas again when these are back. */
    AUTO_LEADER_REBALANCE_ENABLE("auto.leader.rebalance.enable", "true", null, "true or false"),
    /** For how long a broker may be silent. */
    BROKER_SESSION_TIMEOUT_MS("broker.session.timeout.ms", "9000", value -> value >= 1, "a whole number from 1"),
    /** How many brokers keep each partition of a topic that does not say; -1 for three, or as many as live, if fewer. */
    DEFAULT_REPLICATION_FACTOR(
            "default.replication.factor",
            "-1",
            value -> value == -1 || (value >= 1 && value <= Short.MAX_VALUE),
            "a whole number from 1 to " + Short.MAX_VALUE + ", or -1"),
    /** How often it is looked which partitions others than their preferred replicas lead. */
    LEADER_IMBALANCE_CHECK_INTERVAL_SECONDS(
            "leader.imbalance.check.interval.seconds", "300", value -> value >= 1, "a whole number from 1");

    private final String key;
    private final String defaultValue;
    private final @Nullable LongPredicate isPossible;
    private final String possible;

    ClusterSetting(String key, String defaultValue, @Nullable LongPredicate isPossible, String possible) {
        this.key = key;
        this.defaultValue = defaultValue;
        this.isPossible = isPossible;
        this.possible = possible;
    }

    public String key() {
        return key;
    }

    public String defaultValue() {
        return defaultValue;
    }

    /** Null when there is none of that name. */
    static @Nullable ClusterSetting find(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key.equals(key))
                .findFirst()
                .orElse(null);
    }

    /** These, and those of topics that hold where a topic does not say anything else. */
    static List<String> allKeys() {
        List<String> keys = new ArrayList<>();
        Arrays.stream(values()).map(ClusterSetting::key).forEach(keys::add);
        Arrays.stream(TopicSetting.values())
                .filter(setting -> setting != TopicSetting.REPLICATION_FACTOR)
                .map(TopicSetting::key)
                .forEach(keys::add);
        return keys;
    }

    /** @throws IllegalArgumentException when it cannot have that value */
    void requirePossible(String value) {
        if (!isPossible(value)) {
            throw new IllegalArgumentException(key + " must be " + possible + ": " + key + "=" + value);
        }
    }

    private boolean isPossible(String value) {
        if (isPossible == null) {
            return value.equals("true") || value.equals("false");
        }
        try {
            return isPossible.test(Long.parseLong(value));
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
