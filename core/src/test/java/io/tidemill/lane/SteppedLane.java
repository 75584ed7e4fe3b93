package io.tidemill.lane;

import io.tidemill.batch.BatchLayout;
import io.tidemill.metrics.Telemetry;
import io.tidemill.ring.ProduceRing;
import io.tidemill.ring.RunSink;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** Lanes without a thread: a test runs their duty cycles, and nobody listens. */
public final class SteppedLane {
    private SteppedLane() {}

    /** One that nobody has to signal either. */
    public static Lane create(Clock clock) {
        Wakeup wakeup = new Wakeup(ThreadParker.INSTANCE);
        return over(new ProduceRing(64 * 1024, wakeup), new DeliveryQueue(wakeup, wakeup), clock);
    }

    static Lane over(ProduceRing ring, DeliveryQueue deliveries, Clock clock) {
        return new Lane("lane", clock, new Telemetry(clock, null), ring, deliveries, Duration.ofMinutes(5));
    }

    /** Hands a record over to the partition's lane. */
    static void put(Partition partition, DirectBuffer record, RunSink sink) {
        int claim = partition.claim(record.capacity(), sink);
        partition.claimBuffer().putBytes(claim, record, 0, record.capacity());
        partition.commit(claim);
    }

    /** How many records each batch has that can be read. */
    static List<Integer> batchesOf(Partition partition) {
        List<Integer> recordCounts = new ArrayList<>();
        try (LogCursor cursor = partition.newCursor()) {
            while (cursor.next(partition.committedAcquire())) {
                recordCounts.add(BatchLayout.recordCount(cursor.buffer(), cursor.batchIndex()));
            }
        }
        return recordCounts;
    }
}
