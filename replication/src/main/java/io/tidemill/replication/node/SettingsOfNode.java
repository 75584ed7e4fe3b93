package io.tidemill.replication.node;

import io.tidemill.replication.ClusterSettings;
import io.tidemill.replication.controller.ClusterSetting;
import io.tidemill.replication.link.LinkSettings;
import io.tidemill.replication.raft.RaftSettings;
import io.tidemill.replication.replica.ReplicaSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Makes of what users say what a node needs. */
public final class SettingsOfNode {
    /** Entries of the metadata log are small, but for those that concern very many partitions. */
    private static final int APPEND_BYTES_MAX = 512 * 1024;

    private static final int APPENDS_IN_FLIGHT_MAX = 4;
    private static final int UNCOMMITTED_ENTRIES_MAX = 1_024;
    private static final int HEARTBEATS_PER_ELECTION = 5;
    private static final int DEFAULT_REPLICATION_FACTOR = 3;

    private SettingsOfNode() {}

    public static NodeSettings of(ClusterSettings settings) {
        long electionNs = settings.electionTimeout().toNanos();
        long heartbeatNs = settings.heartbeatInterval().toNanos();
        Duration session = settings.sessionTimeout();
        long askAgainNs = Math.max(1, heartbeatNs / 2);
        return new NodeSettings(
                settings.brokerId(),
                settings.members().keySet(),
                String.valueOf(Objects.requireNonNull(settings.members().get(settings.brokerId()))),
                settings.rack(),
                Map.of(
                        ClusterSetting.BROKER_SESSION_TIMEOUT_MS,
                        Long.toString(session.toMillis()),
                        ClusterSetting.DEFAULT_REPLICATION_FACTOR,
                        Integer.toString(Math.min(
                                DEFAULT_REPLICATION_FACTOR, settings.members().size()))),
                LinkSettings.defaults().withTimes(session.toNanos() / 6, session.toNanos()),
                new RaftSettings(
                        electionNs,
                        electionNs / HEARTBEATS_PER_ELECTION,
                        APPEND_BYTES_MAX,
                        APPENDS_IN_FLIGHT_MAX,
                        UNCOMMITTED_ENTRIES_MAX),
                new ReplicaSettings(
                        settings.replicaLagTimeMax().toNanos(),
                        askAgainNs,
                        settings.deliveryTimeout().toNanos()),
                heartbeatNs,
                askAgainNs,
                session,
                settings.requestTimeout());
    }
}
