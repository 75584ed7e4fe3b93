package io.tidemill.replication.controller;

import io.tidemill.TopicSettings;
import io.tidemill.metadata.SettingNames;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is set for the whole cluster. Immutable. Where nothing is set, what the broker brings along counts, and then Kafka's
 * default; of topics only what is set, since brokers must not differ in that.
 */
final class SettingValues {
    private static final long NS_PER_MS = 1_000_000;
    private static final long NS_PER_SECOND = 1_000_000_000;

    private final Map<String, String> ofBroker;
    private final Map<String, String> ofCluster;
    private final TopicSettings topicDefaults;

    private SettingValues(Map<String, String> ofBroker, Map<String, String> ofCluster) {
        TopicSettings defaults = TopicSettings.partitions(1);
        for (Map.Entry<String, String> entry : ofCluster.entrySet()) {
            if (ClusterSetting.find(entry.getKey()) == null) {
                defaults = defaults.with(requireKnown(entry.getKey()), entry.getValue());
            }
        }
        this.ofBroker = ofBroker;
        this.ofCluster = ofCluster;
        this.topicDefaults = defaults;
        for (ClusterSetting setting : ClusterSetting.values()) {
            setting.requirePossible(get(setting));
        }
    }

    private static String requireKnown(String key) {
        if (!ClusterSetting.allKeys().contains(key)) {
            throw new IllegalArgumentException(
                    "unknown setting of a cluster: " + SettingNames.notKnown(key, ClusterSetting.allKeys()));
        }
        return key;
    }

    /** Nothing is set. */
    static SettingValues ofBroker(Map<ClusterSetting, String> ofBroker) {
        Map<String, String> byKey = new HashMap<>();
        ofBroker.forEach((setting, value) -> byKey.put(setting.key(), value));
        return new SettingValues(byKey, Map.of());
    }

    /** The same broker in a cluster where that is set, and nothing else. */
    SettingValues withAll(Map<String, String> all) {
        return new SettingValues(ofBroker, Collections.unmodifiableMap(new TreeMap<>(all)));
    }

    /** @throws IllegalArgumentException when there is no such setting, or it cannot have that value */
    SettingValues changed(Map<String, String> set, Set<String> unset) {
        Map<String, String> all = new TreeMap<>(ofCluster);
        all.putAll(set);
        unset.forEach(key -> all.remove(requireKnown(key)));
        return withAll(all);
    }

    String get(ClusterSetting setting) {
        String value = ofCluster.getOrDefault(setting.key(), ofBroker.get(setting.key()));
        return value == null ? setting.defaultValue() : value;
    }

    /** What is set, by names. */
    Map<String, String> ofCluster() {
        return ofCluster;
    }

    TopicSettings topicDefaults() {
        return topicDefaults;
    }

    long sessionTimeoutNs() {
        return number(ClusterSetting.BROKER_SESSION_TIMEOUT_MS) * NS_PER_MS;
    }

    long balanceIntervalNs() {
        return number(ClusterSetting.LEADER_IMBALANCE_CHECK_INTERVAL_SECONDS) * NS_PER_SECOND;
    }

    boolean isLeaderRebalanced() {
        return get(ClusterSetting.AUTO_LEADER_REBALANCE_ENABLE).equals("true");
    }

    int replicationFactor() {
        return (int) number(ClusterSetting.DEFAULT_REPLICATION_FACTOR);
    }

    private long number(ClusterSetting setting) {
        return Long.parseLong(get(setting));
    }
}
