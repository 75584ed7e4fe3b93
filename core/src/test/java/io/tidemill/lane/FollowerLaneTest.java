package io.tidemill.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.TopicSettings;
import io.tidemill.batch.Batches;
import io.tidemill.metrics.Telemetry;
import io.tidemill.ring.ProduceRing;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A lane that publishes what others append (I05): all of it, for every partition, and not by looking all the time. */
final class FollowerLaneTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private final SetClock clock = new SetClock(1_000);
    private final Wakeup wakeup = new Wakeup(ThreadParker.INSTANCE);
    private final ProduceRing ring = new ProduceRing(64 * 1024, wakeup);
    private final Lane lane =
            Lane.follower("lane", clock, new Telemetry(clock, null), ring, new DeliveryQueue(wakeup, wakeup));
    private final LogStore store = Storage.inMemory().open(clock);
    private final List<PartitionLog> logs = new ArrayList<>();
    private final List<Partition> partitions = new ArrayList<>();

    @Test
    void publishesWhatWasAppended() {
        add(1);
        append(0, 3);
        assertEquals(0, partitions.get(0).committedAcquire());

        clock.advance(1);

        assertEquals(1, lane.doWork());
        assertEquals(3, partitions.get(0).committedAcquire());
        append(0, 4);
        assertEquals(1, lane.doWork());
        assertEquals(7, partitions.get(0).committedAcquire());
    }

    @Test
    void looksAgainAfterAMillisecondWhenNothingCame() {
        add(1);
        clock.advance(1);
        assertEquals(0, lane.doWork());
        append(0, 3);

        assertEquals(0, lane.doWork());
        assertEquals(0, partitions.get(0).committedAcquire());
        clock.advance(1);

        assertEquals(1, lane.doWork());
        assertEquals(3, partitions.get(0).committedAcquire());
    }

    @Test
    void comesToEveryPartition() {
        add(100);
        for (int i = 0; i < 100; i++) {
            append(i, 1 + i);
        }

        int cycles = 0;
        for (int moved = 0; moved < 100; cycles++) {
            clock.advance(1);
            moved += lane.doWork();
        }

        for (int i = 0; i < 100; i++) {
            assertEquals(1 + i, partitions.get(i).committedAcquire());
        }
        assertEquals(7, cycles);
    }

    /** The end goes back when the writer truncates, and readers behind it must hear of that. */
    @Test
    void publishesAnEndThatWentBack() {
        add(1);
        append(0, 3);
        append(0, 3);
        clock.advance(1);
        lane.doWork();

        logs.get(0).truncate(3);
        lane.doWork();

        assertEquals(3, partitions.get(0).committedAcquire());
    }

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            PartitionLog log = store.openLog("t-" + i);
            logs.add(log);
            partitions.add(lane.add("t", i, TopicSettings.partitions(1).withMaxMessageBytes(100_000), log));
        }
    }

    private void append(int log, int recordCount) {
        UnsafeBuffer batch = Batches.numbered(logs.get(log).endOffset(), recordCount);
        logs.get(log).append(batch, 0, batch.capacity());
    }
}
