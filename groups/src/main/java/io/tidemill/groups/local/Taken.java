package io.tidemill.groups.local;

import io.tidemill.groups.sharing.Delivery;
import io.tidemill.lane.Partition;
import java.util.List;

/** What a member was given of a partition: some of these offsets may turn out to have no record. */
public record Taken(Partition partition, List<Delivery> deliveries) {
    int offsets() {
        long sum = 0;
        for (Delivery delivery : deliveries) {
            sum += delivery.lastOffset() - delivery.firstOffset() + 1;
        }
        return Math.toIntExact(sum);
    }
}
