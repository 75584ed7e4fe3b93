package io.tidemill.replication.node;

import io.tidemill.replication.controller.ClusterSetting;
import io.tidemill.replication.link.LinkSettings;
import io.tidemill.replication.raft.RaftSettings;
import io.tidemill.replication.replica.ReplicaSettings;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a broker of a cluster behaves to others.
 *
 * @param members all brokers of the cluster, this one too
 * @param address where this one is reached, for others to read
 * @param rack what it shares a fate with others by, or empty
 * @param controller what counts while this broker is the controller and nothing is set for the cluster
 * @param heartbeatNs how often the controller is told that this broker lives
 * @param askAgainNs after which silence something is asked again
 * @param leaveTimeout how long a broker that closes waits for others to lead what it leads
 * @param requestTimeout for how long a caller waits for the controller, or for a leader
 */
public record NodeSettings(
        int brokerId,
        Set<Integer> members,
        String address,
        String rack,
        Map<ClusterSetting, String> controller,
        LinkSettings links,
        RaftSettings raft,
        ReplicaSettings replicas,
        long heartbeatNs,
        long askAgainNs,
        Duration leaveTimeout,
        Duration requestTimeout) {
    public NodeSettings {
        // In order, so that the same broker does the same every time.
        members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
        controller = Map.copyOf(controller);
        if (!members.contains(brokerId)) {
            throw new IllegalArgumentException(
                    "this broker is none of the members: brokerId=" + brokerId + ", members=" + members);
        }
    }
}
