package io.tidemill.replication.node;

import io.tidemill.runtime.TimedAgent;

/** The thread of a broker of a cluster: hears others, serves its callers, and says what came of it. */
final class NodeAgent implements TimedAgent {
    private final ClusterNode node;
    private final TimedAgent lane;

    NodeAgent(ClusterNode node, TimedAgent lane) {
        this.node = node;
        this.lane = lane;
    }

    @Override
    public int doWork() throws Exception {
        int work = node.doWork() + lane.doWork() + node.flush();
        if (work == 0) {
            node.planWaking();
        }
        return work;
    }

    @Override
    public long idleNsMax() {
        return Math.min(node.idleNsMax(), lane.idleNsMax());
    }

    @Override
    public void onClose() {
        lane.onClose();
        node.close();
    }

    @Override
    public String roleName() {
        return lane.roleName();
    }
}
