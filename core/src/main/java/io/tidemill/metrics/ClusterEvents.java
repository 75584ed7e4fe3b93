package io.tidemill.metrics;

import io.tidemill.TopicPartition;
import java.util.List;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** What happens to a cluster, for the flight recorder. Only to be touched where somebody records. */
final class ClusterEvents {
    private ClusterEvents() {}

    @Category("Tidemill")
    @StackTrace(false)
    abstract static class ClusterEvent extends Event {}

    abstract static class PartitionEvent extends ClusterEvent {
        @Label("Topic")
        @Nullable
        String topic;

        @Label("Partition")
        int partition;

        final void in(TopicPartition id) {
            topic = id.topic();
            partition = id.partition();
        }
    }

    @Name("io.tidemill.LeaderChange")
    @Label("Leader Change")
    @Description("A partition has another leader, or none")
    static final class LeaderEvent extends PartitionEvent {
        @Label("Leader")
        @Description("A broker, or -1 for none")
        int leaderId;

        @Label("Leader Epoch")
        int leaderEpoch;
    }

    @Name("io.tidemill.InSyncChange")
    @Label("In Sync Change")
    @Description("Other replicas of a partition are in sync than before")
    static final class InSyncEvent extends PartitionEvent {
        @Label("Before")
        @Nullable
        String before;

        @Label("In Sync")
        @Nullable
        String inSync;
    }

    @Name("io.tidemill.BrokerChange")
    @Label("Broker Change")
    @Description("The cluster counts on a broker from now on, or not any more")
    static final class BrokerEvent extends ClusterEvent {
        @Label("Broker")
        int brokerId;

        @Label("Active")
        boolean isActive;
    }

    @Name("io.tidemill.ControllerChange")
    @Label("Controller Change")
    @Description("Another broker decides for the cluster")
    static final class ControllerEvent extends ClusterEvent {
        @Label("Controller")
        int controllerId;

        @Label("Controller Epoch")
        long controllerEpoch;
    }

    @Name("io.tidemill.PeerChange")
    @Label("Peer Change")
    @Description("The broker can speak with another one from now on, or not any more")
    static final class PeerEvent extends ClusterEvent {
        @Label("Broker")
        int brokerId;

        @Label("Connected")
        boolean isConnected;
    }

    static void onLeaderChange(TopicPartition partition, int leaderId, int leaderEpoch) {
        LeaderEvent event = new LeaderEvent();
        if (event.shouldCommit()) {
            event.in(partition);
            event.leaderId = leaderId;
            event.leaderEpoch = leaderEpoch;
            event.commit();
        }
    }

    static void onInSyncChange(TopicPartition partition, List<Integer> before, List<Integer> inSync) {
        InSyncEvent event = new InSyncEvent();
        if (event.shouldCommit()) {
            event.in(partition);
            event.before = before.toString();
            event.inSync = inSync.toString();
            event.commit();
        }
    }

    static void onBrokerChange(int brokerId, boolean isActive) {
        BrokerEvent event = new BrokerEvent();
        if (event.shouldCommit()) {
            event.brokerId = brokerId;
            event.isActive = isActive;
            event.commit();
        }
    }

    static void onControllerChange(int controllerId, long controllerEpoch) {
        ControllerEvent event = new ControllerEvent();
        if (event.shouldCommit()) {
            event.controllerId = controllerId;
            event.controllerEpoch = controllerEpoch;
            event.commit();
        }
    }

    static void onPeerChange(int brokerId, boolean isConnected) {
        PeerEvent event = new PeerEvent();
        if (event.shouldCommit()) {
            event.brokerId = brokerId;
            event.isConnected = isConnected;
            event.commit();
        }
    }
}
