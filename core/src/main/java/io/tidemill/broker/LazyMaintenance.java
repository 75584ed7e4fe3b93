package io.tidemill.broker;

import io.tidemill.BrokerSettings;
import io.tidemill.lane.MaintenanceAgent;
import io.tidemill.lane.Partition;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.Clock;
import io.tidemill.spi.PartitionLog;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The agent that maintains logs, which is not started before there is something to do: it may get a thread of its own. */
final class LazyMaintenance {
    private final AgentHost host;
    private final MaintenanceAgent agent;
    private final Wakeup wakeup;
    private final AtomicBoolean isStarted = new AtomicBoolean();

    LazyMaintenance(BrokerSettings settings, Clock clock, AgentHost host) {
        this.host = host;
        this.agent = new MaintenanceAgent(clock, settings.retentionCheckInterval());
        this.wakeup = host.newWakeup(ThreadParker.INSTANCE);
    }

    /** One thread at a time. */
    void addAll(List<Partition> partitions, List<PartitionLog> logs) {
        agent.addAll(partitions);
        logs.forEach(log -> log.maintainedBy(this::onNeeded));
    }

    /** As {@link MaintenanceAgent#onAltered}. */
    void onAltered(List<Partition> partitions) {
        agent.onAltered(partitions);
    }

    /** As {@link MaintenanceAgent#removeAll}. */
    void removeAll(List<Partition> partitions) {
        agent.removeAll(partitions);
    }

    /** What has to be looked at from time to time is, from now on. */
    void startChecks() {
        if (agent.hasChecks()) {
            start();
        }
    }

    /** A log asks. Any thread. */
    private void onNeeded() {
        agent.request();
        start();
        wakeup.signal();
    }

    private void start() {
        if (!isStarted.get() && isStarted.compareAndSet(false, true)) {
            host.start(List.of(agent), List.of(wakeup));
        }
    }

    String name() {
        return agent.roleName();
    }

    /** As {@link MaintenanceAgent#failure}. */
    @Nullable
    Throwable failure() {
        return agent.failure();
    }

    /** As {@link MaintenanceAgent#stop}. */
    void stop() {
        agent.stop();
    }
}
