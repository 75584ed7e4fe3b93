package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import io.tidemill.broker.Incarnation;
import io.tidemill.groups.coordinator.HeartbeatReply.Assigned;
import io.tidemill.groups.coordinator.HeartbeatReply.Refused;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a member believes. It reads what it has until it gives it up, whatever the coordinator thinks of it meanwhile. */
final class SimulatedMember {
    final String id;
    final @Nullable String instanceId;
    final Set<TopicPartition> owned = new HashSet<>();
    Set<String> topics;
    int epoch = Heartbeat.JOINING;
    /** Has been told to give these up, and still reads them. */
    final Set<TopicPartition> unwanted = new HashSet<>();
    /** Says nothing before that. */
    long silentUntilNs;

    SimulatedMember(String id, @Nullable String instanceId, Set<String> topics) {
        this.id = id;
        this.instanceId = instanceId;
        this.topics = topics;
    }

    Heartbeat heartbeat() {
        return new Heartbeat(id, Incarnation.NONE, epoch, instanceId, topics, GroupSimulation.TIMEOUTS, owned);
    }

    void onReply(HeartbeatReply reply) {
        if (reply instanceof Assigned assigned) {
            epoch = assigned.epoch();
            unwanted.clear();
            unwanted.addAll(owned);
            unwanted.removeAll(assigned.partitions());
            owned.addAll(assigned.partitions());
        } else if (reply instanceof Refused) {
            lose();
        }
    }

    /** Ends reading what it has to give up; the next heartbeat says so. */
    void giveUp() {
        owned.removeAll(unwanted);
        unwanted.clear();
    }

    /** It has nothing, and joins again. */
    void lose() {
        owned.clear();
        unwanted.clear();
        epoch = Heartbeat.JOINING;
    }

    @Override
    public String toString() {
        return id + "@" + epoch + " owned=" + owned + " unwanted=" + unwanted;
    }
}
