package io.tidemill.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** What the flight recorder is told of a group. Not to be touched where the JVM lacks it. */
@Name("io.tidemill.Rebalance")
@Label("Rebalance")
@Description("The members of a consumer group, or the topics that they want, are others than before")
@Category("Tidemill")
@StackTrace(false)
final class RebalanceEvent extends Event {
    @Label("Group")
    @Nullable
    String group;

    @Label("Epoch")
    int epoch;

    @Label("Members")
    int members;

    @Label("Partitions")
    int partitions;

    static void record(String group, int epoch, int members, int partitions) {
        RebalanceEvent event = new RebalanceEvent();
        if (event.shouldCommit()) {
            event.group = group;
            event.epoch = epoch;
            event.members = members;
            event.partitions = partitions;
            event.commit();
        }
    }
}
