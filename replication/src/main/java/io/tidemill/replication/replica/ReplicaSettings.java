package io.tidemill.replication.replica;

/**
 * How patient replicas are.
 *
 * @param replicaLagTimeMaxNs Kafka's {@code replica.lag.time.max.ms}: who has not had everything for so long is not in sync
 * @param askAgainNs after which silence something is asked again
 * @param deliveryTimeoutNs Kafka's {@code delivery.timeout.ms}: after which time nobody waits for a record's answer any more
 */
public record ReplicaSettings(long replicaLagTimeMaxNs, long askAgainNs, long deliveryTimeoutNs) {
    public ReplicaSettings {
        if (replicaLagTimeMaxNs <= 0 || askAgainNs <= 0 || deliveryTimeoutNs <= 0) {
            throw new IllegalArgumentException("times must be positive: replicaLagTimeMaxNs=" + replicaLagTimeMaxNs
                    + ", askAgainNs=" + askAgainNs + ", deliveryTimeoutNs=" + deliveryTimeoutNs);
        }
    }
}
