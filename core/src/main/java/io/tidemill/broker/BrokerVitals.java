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
    private final LocalTopics topics;
    private final BooleanSupplier isClosed;

    BrokerVitals(Lanes lanes, LocalTopics topics, BooleanSupplier isClosed) {
        this.lanes = lanes;
        this.topics = topics;
        this.isClosed = isClosed;
    }

    Health health() {
        List<Problem> problems = new ArrayList<>();
        boolean isDown = isClosed.getAsBoolean();
        if (isDown) {
            problems.add(new Problem("broker", "it was closed"));
        }
        int stopped = 0;
        for (Lane lane : lanes.all()) {
            Throwable failure = lane.failure();
            if (failure != null) {
                problems.add(new Problem(
                        lane.roleName(),
                        "it stopped and takes nothing any more, open the broker again: reason=" + failure));
                stopped++;
            }
        }
        for (Partition partition : topics.allPartitions()) {
            for (String sentence : partition.troubles()) {
                problems.add(new Problem(partition.toString(), sentence));
            }
        }
        isDown |= stopped == lanes.all().size();
        return new Health(isDown ? Status.DOWN : problems.isEmpty() ? Status.UP : Status.DEGRADED, problems);
    }

    BrokerMetrics metrics() {
        return new BrokerMetrics(
                lanes.all().stream().map(Lane::metrics).toList(),
                topics.allPartitions().stream().map(Partition::metrics).toList());
    }
}
