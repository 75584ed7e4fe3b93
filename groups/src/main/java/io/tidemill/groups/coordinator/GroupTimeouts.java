package io.tidemill.groups.coordinator;

/**
 * How long a group waits for a member. Each may say it for itself.
 *
 * @param sessionNs Kafka's {@code session.timeout.ms}: for its next heartbeat
 * @param rebalanceNs Kafka's {@code max.poll.interval.ms}: until it has given up what it was told to
 */
public record GroupTimeouts(long sessionNs, long rebalanceNs) {
    public GroupTimeouts {
        if (sessionNs <= 0 || rebalanceNs <= 0) {
            throw new IllegalArgumentException(
                    "time-outs must be positive: sessionNs=" + sessionNs + ", rebalanceNs=" + rebalanceNs);
        }
    }
}
