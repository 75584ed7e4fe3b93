package io.tidemill.lane;

import static io.tidemill.lane.SteppedLane.batchesOf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.TopicSettings;
import io.tidemill.batch.Batches;
import io.tidemill.ring.OneRun;
import io.tidemill.ring.ProduceRing;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** P01: how much of what waits in the ring one duty cycle takes. */
class TakingTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int WAITING = 5 * Lane.RUNS_AT_A_TIME + 7;
    /** Of which a thousand are more than a batch has to be. */
    private static final int VALUE_BYTES = 100;

    private final SetClock clock = new SetClock(1_000);
    private final Wakeup wakeup = new Wakeup(ThreadParker.INSTANCE);
    private final ProduceRing ring = new ProduceRing(1024 * 1024, wakeup);
    private final DeliveryQueue deliveries = new DeliveryQueue(wakeup, wakeup);
    private final Lane lane = SteppedLane.over(ring, deliveries, clock);
    private final LogStore store = Storage.inMemory().open(clock);

    @ParameterizedTest
    @ValueSource(ints = {0, 1_000_000})
    void makesOneBatchOfWhatWaitsForEachOfManyPartitions(int usedBefore) {
        List<Partition> partitions = add(400);
        // Elsewhere in the ring, so that what waits goes over its end.
        fill(partitions, usedBefore / 200);
        while (lane.doWork() > 0) {}
        int[] batchesBefore = partitions.stream()
                .mapToInt(partition -> batchesOf(partition).size())
                .toArray();

        fill(partitions, WAITING);

        assertEquals(WAITING, lane.doWork());
        for (int i = 0; i < partitions.size(); i++) {
            assertEquals(batchesBefore[i] + 1, batchesOf(partitions.get(i)).size());
        }
        assertEquals(0, lane.doWork());
    }

    @Test
    void goesOnWithTheNextBatchWhenOneIsLargeEnough() {
        List<Partition> partitions = add(1);
        fill(partitions, WAITING);

        List<Integer> taken = new ArrayList<>();
        for (int runs = lane.doWork(); runs > 0; runs = lane.doWork()) {
            taken.add(runs);
        }

        List<Integer> expected = new ArrayList<>(Collections.nCopies(5, Lane.RUNS_AT_A_TIME));
        expected.add(7);
        assertEquals(expected, taken);
        assertEquals(expected, batchesOf(partitions.get(0)));
    }

    @Test
    void takesNoMoreThanItCanAnswer() {
        List<Partition> partitions = add(400);
        int queued = 0;
        while (deliveries.hasRoomFor(2 * Lane.RUNS_AT_A_TIME)) {
            deliveries.add(() -> {});
            queued++;
        }
        fill(partitions, WAITING);

        assertEquals(Lane.RUNS_AT_A_TIME, lane.doWork());
        // Nobody answered those of this test, so there is room as before.
        assertEquals(Lane.RUNS_AT_A_TIME, lane.doWork());
        deliveries.drain(queued);
        assertEquals(WAITING - 2 * Lane.RUNS_AT_A_TIME, lane.doWork());
    }

    private List<Partition> add(int count) {
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            partitions.add(lane.add("t", i, TopicSettings.partitions(count), store.openLog("t-" + i)));
        }
        return partitions;
    }

    /** One record to each in turn. */
    private static void fill(List<Partition> partitions, int count) {
        UnsafeBuffer record = Batches.record(-1, null, new byte[VALUE_BYTES]);
        for (int i = 0; i < count; i++) {
            SteppedLane.put(partitions.get(i % partitions.size()), record, new OneRun());
        }
    }
}
