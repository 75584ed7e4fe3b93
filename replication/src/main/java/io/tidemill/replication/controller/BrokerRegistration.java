package io.tidemill.replication.controller;

/**
 * A broker, as the cluster knows it.
 *
 * @param epoch the metadata epoch since which this incarnation is registered; whoever says an older one is somebody before
 * @param isFenced whether it may neither lead nor be in sync: it is new, or was silent for too long, or has stopped
 * @param stoppingSince the metadata epoch in which it began to stop, or {@link #NOT_STOPPING}
 */
public record BrokerRegistration(
        int id, long epoch, BrokerIncarnation incarnation, boolean isFenced, long stoppingSince) {
    static final long NOT_STOPPING = -1;

    public boolean isStopping() {
        return stoppingSince != NOT_STOPPING;
    }

    /** Whether it may lead and be in sync. */
    public boolean isActive() {
        return !isFenced && !isStopping();
    }

    BrokerRegistration fenced() {
        return new BrokerRegistration(id, epoch, incarnation, true, NOT_STOPPING);
    }

    BrokerRegistration unfenced() {
        return new BrokerRegistration(id, epoch, incarnation, false, NOT_STOPPING);
    }

    BrokerRegistration stoppingSince(long metadataEpoch) {
        return new BrokerRegistration(id, epoch, incarnation, isFenced, metadataEpoch);
    }
}
