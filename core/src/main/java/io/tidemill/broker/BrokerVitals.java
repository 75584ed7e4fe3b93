package io.tidemill.broker;

import io.tidemill.BrokerMetrics;
import io.tidemill.Health;
import io.tidemill.Health.Problem;
import io.tidemill.Health.Status;
import io.tidemill.lane.Lane;
import io.tidemill.lane.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What can be told of a broker from outside, by any thread, also after it was closed. */
final class BrokerVitals {
    private final Lanes lanes;
    private final LazyMaintenance maintenance;
    private final Topics topics;
    private final BooleanSupplier isClosed;

    BrokerVitals(Lanes lanes, LazyMaintenance maintenance, Topics topics, BooleanSupplier isClosed) {
        this.lanes = lanes;
        this.maintenance = maintenance;
        this.topics = topics;
        this.isClosed = isClosed;
    }

    Health health() {
        List<Problem> problems = new ArrayList<>();
        boolean wasClosed = isClosed.getAsBoolean();
        if (wasClosed) {
            problems.add(new Problem("broker", "it was closed"));
        }
        int stopped = 0;
        for (Lane lane : lanes.all()) {
            Throwable failure = lane.failure();
            if (failure != null) {
                problems.add(stopped(lane.roleName(), failure));
                stopped++;
            } else if (lane.isClosed() && !isClosed.getAsBoolean()) {
                // Where all share a thread, it ends for all. Asked in this order, since closing closes lanes, too.
                problems.add(new Problem(lane.roleName(), "it takes nothing any more, because its thread has ended"));
                stopped++;
            }
        }
        Throwable failure = maintenance.failure();
        if (failure != null) {
            problems.add(stopped(maintenance.name(), failure));
        }
        for (Partition partition : topics.allPartitions()) {
            for (String sentence : partition.troubles()) {
                problems.add(new Problem(partition.toString(), sentence));
            }
        }
        boolean isDown = wasClosed || stopped == lanes.all().size();
        return new Health(isDown ? Status.DOWN : problems.isEmpty() ? Status.UP : Status.DEGRADED, problems);
    }

    private static Problem stopped(String part, Throwable failure) {
        return new Problem(part, "it stopped by itself, open the broker again: reason=" + failure);
    }

    BrokerMetrics metrics() {
        return new BrokerMetrics(
                lanes.all().stream().map(Lane::metrics).toList(),
                topics.allPartitions().stream().map(Partition::metrics).toList());
    }
}
