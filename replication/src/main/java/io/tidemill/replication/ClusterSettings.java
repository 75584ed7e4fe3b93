package io.tidemill.replication;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a broker takes part in a cluster. All brokers of a cluster are to have the same members, times and secret.
 *
 * @param brokerId this broker's number, which no other one has
 * @param members all brokers of the cluster, this one too, and where each is reached
 * @param rack what this broker shares a fate with others by, so that replicas are kept apart; empty for nothing
 * @param secret what encrypts and authenticates everything that brokers say to each other; null for nothing
 * @param sessionTimeout Kafka's {@code broker.session.timeout.ms}: after which silence a broker leads nothing any more
 * @param heartbeatInterval Kafka's {@code broker.heartbeat.interval.ms}: how often a broker says that it lives
 * @param electionTimeout Kafka's {@code controller.quorum.election.timeout.ms}: after which silence another controller is sought
 * @param replicaLagTimeMax Kafka's {@code replica.lag.time.max.ms}: who lacks records for so long is not in sync any more
 * @param deliveryTimeout Kafka's {@code delivery.timeout.ms}: how long a record is tried to be sent
 * @param requestTimeout Kafka's {@code request.timeout.ms}: how long a caller waits for the controller, or for the leader of
 *     what it reads
 */
public record ClusterSettings(
        int brokerId,
        Map<Integer, InetSocketAddress> members,
        String rack,
        byte @Nullable [] secret,
        Duration sessionTimeout,
        Duration heartbeatInterval,
        Duration electionTimeout,
        Duration replicaLagTimeMax,
        Duration deliveryTimeout,
        Duration requestTimeout) {
    /** Validates. */
    public ClusterSettings {
        members = Map.copyOf(members);
        if (!members.containsKey(brokerId)) {
            throw new IllegalArgumentException(
                    "this broker is none of the members: brokerId=" + brokerId + ", members=" + new TreeMap<>(members));
        }
        requirePositive("sessionTimeout", sessionTimeout);
        requirePositive("heartbeatInterval", heartbeatInterval);
        requirePositive("electionTimeout", electionTimeout);
        requirePositive("replicaLagTimeMax", replicaLagTimeMax);
        requirePositive("deliveryTimeout", deliveryTimeout);
        requirePositive("requestTimeout", requestTimeout);
        if (heartbeatInterval.multipliedBy(2).compareTo(sessionTimeout) > 0) {
            throw new IllegalArgumentException("a session is two heartbeats at least: sessionTimeout=" + sessionTimeout
                    + ", heartbeatInterval=" + heartbeatInterval);
        }
        secret = secret == null ? null : secret.clone();
    }

    private static void requirePositive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(name + " must be positive: " + name + "=" + duration);
        }
    }

    /**
     * With defaults under which a cluster goes on within three seconds when a broker dies.
     *
     * @param brokerId as in the record
     * @param members as in the record
     * @return the settings to start from
     */
    public static ClusterSettings of(int brokerId, Map<Integer, InetSocketAddress> members) {
        return new ClusterSettings(
                brokerId,
                members,
                "",
                null,
                Duration.ofMillis(1_500),
                Duration.ofMillis(300),
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                Duration.ofMinutes(2),
                Duration.ofSeconds(30));
    }

    /**
     * The same with another fate.
     *
     * @param rack as in the record
     * @return a copy
     */
    public ClusterSettings withRack(String rack) {
        return new ClusterSettings(
                brokerId,
                members,
                rack,
                secret,
                sessionTimeout,
                heartbeatInterval,
                electionTimeout,
                replicaLagTimeMax,
                deliveryTimeout,
                requestTimeout);
    }

    /**
     * The same with a secret.
     *
     * @param secret as in the record
     * @return a copy
     */
    public ClusterSettings withSecret(byte[] secret) {
        return new ClusterSettings(
                brokerId,
                members,
                rack,
                secret,
                sessionTimeout,
                heartbeatInterval,
                electionTimeout,
                replicaLagTimeMax,
                deliveryTimeout,
                requestTimeout);
    }

    /**
     * The same with another patience with brokers that are silent.
     *
     * @param sessionTimeout as in the record
     * @param heartbeatInterval as in the record
     * @return a copy
     */
    public ClusterSettings withSession(Duration sessionTimeout, Duration heartbeatInterval) {
        return new ClusterSettings(
                brokerId,
                members,
                rack,
                secret,
                sessionTimeout,
                heartbeatInterval,
                electionTimeout,
                replicaLagTimeMax,
                deliveryTimeout,
                requestTimeout);
    }

    /**
     * The same with another patience with the controller.
     *
     * @param electionTimeout as in the record
     * @return a copy
     */
    public ClusterSettings withElectionTimeout(Duration electionTimeout) {
        return new ClusterSettings(
                brokerId,
                members,
                rack,
                secret,
                sessionTimeout,
                heartbeatInterval,
                electionTimeout,
                replicaLagTimeMax,
                deliveryTimeout,
                requestTimeout);
    }

    /**
     * The same with another patience with followers.
     *
     * @param replicaLagTimeMax as in the record
     * @return a copy
     */
    public ClusterSettings withReplicaLagTimeMax(Duration replicaLagTimeMax) {
        return new ClusterSettings(
                brokerId,
                members,
                rack,
                secret,
                sessionTimeout,
                heartbeatInterval,
                electionTimeout,
                replicaLagTimeMax,
                deliveryTimeout,
                requestTimeout);
    }

    /**
     * The same with another patience of senders.
     *
     * @param deliveryTimeout as in the record
     * @return a copy
     */
    public ClusterSettings withDeliveryTimeout(Duration deliveryTimeout) {
        return new ClusterSettings(
                brokerId,
                members,
                rack,
                secret,
                sessionTimeout,
                heartbeatInterval,
                electionTimeout,
                replicaLagTimeMax,
                deliveryTimeout,
                requestTimeout);
    }

    /**
     * The same with another patience of callers.
     *
     * @param requestTimeout as in the record
     * @return a copy
     */
    public ClusterSettings withRequestTimeout(Duration requestTimeout) {
        return new ClusterSettings(
                brokerId,
                members,
                rack,
                secret,
                sessionTimeout,
                heartbeatInterval,
                electionTimeout,
                replicaLagTimeMax,
                deliveryTimeout,
                requestTimeout);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "ClusterSettings[brokerId=" + brokerId + ", members=" + new TreeMap<>(members) + ", rack=" + rack
                + ", secret=" + (secret == null ? "none" : "set") + ", sessionTimeout=" + sessionTimeout
                + ", heartbeatInterval=" + heartbeatInterval + ", electionTimeout=" + electionTimeout
                + ", replicaLagTimeMax=" + replicaLagTimeMax + ", deliveryTimeout=" + deliveryTimeout
                + ", requestTimeout=" + requestTimeout + "]";
    }
}
