package io.tidemill.lane;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchBuilder;
import io.tidemill.batch.Batches;
import io.tidemill.errors.StorageException;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import java.time.Duration;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** R06: when which partition is compacted, stepped by hand. */
class MaintenanceAgentTest {
    private static final LogSettings COMPACTED = LogSettings.defaults()
            .withSegmentBytes(16 * 1024)
            .withCleanup(new CleanupSettings(CleanupPolicy.COMPACT, 0, 0, 1_000));

    static {
        JvmAccess.ensureAgrona();
    }

    private final SetClock clock = new SetClock(1_000);
    private final Lane lane = SteppedLane.create(clock);
    private final MaintenanceAgent agent = new MaintenanceAgent(clock, Duration.ofMillis(100));
    private final LogStore store = Storage.inMemory().open(clock);

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void looksAtEachPartitionOnceInACheck() {
        PartitionLog first = add(0, false);
        PartitionLog second = add(1, false);
        clock.advance(99);
        assertEquals(0, agent.doWork());
        clock.advance(1);

        assertEquals(1, agent.doWork());
        assertTrue(isCompacted(first));
        assertFalse(isCompacted(second));
        assertEquals(1, agent.doWork());
        assertTrue(isCompacted(second));
        assertEquals(0, agent.doWork());

        clock.advance(100);
        assertEquals(1, agent.doWork());
        assertEquals(1, agent.doWork());
        assertEquals(0, agent.doWork());
    }

    @Test
    void maintainsLogsWhenOneOfThemAsks() {
        FailingLog log = FailingLog.atCompaction(store.openLog("t-0"), () -> new StorageException("planted failure"));
        agent.addAll(List.of(lane.add("t", 0, TopicSettings.partitions(1).withMaxMessageBytes(100_000), log)));
        agent.doWork();
        assertEquals(0, log.maintained());

        agent.request();
        agent.doWork();
        agent.doWork();

        assertEquals(1, log.maintained());
    }

    @Test
    void doesNothingWithoutAPartition() {
        assertFalse(agent.hasChecks());
        clock.advance(100);
        assertEquals(0, agent.doWork());

        PartitionLog log = add(0, false);

        assertTrue(agent.hasChecks());
        clock.advance(100);
        assertEquals(1, agent.doWork());
        assertTrue(isCompacted(log));
    }

    @Test
    void goesOnWithTheOthersWhenOneFails() {
        PartitionLog broken = add(0, true);
        PartitionLog sound = add(1, false);
        for (int check = 0; check < 3; check++) {
            clock.advance(100);

            assertEquals(1, agent.doWork());
            assertEquals(1, agent.doWork());
            assertEquals(0, agent.doWork());
        }

        assertFalse(isCompacted(broken));
        assertTrue(isCompacted(sound));
    }

    @Test
    void beginsNothingOnceItIsStopped() {
        PartitionLog first = add(0, false);
        PartitionLog second = add(1, false);
        clock.advance(100);
        agent.doWork();

        agent.stop();

        assertEquals(0, agent.doWork());
        clock.advance(100);
        assertEquals(0, agent.doWork());
        assertTrue(isCompacted(first));
        assertFalse(isCompacted(second));
    }

    private PartitionLog add(int index, boolean failsToCompact) {
        PartitionLog log = store.openLog("t-" + index, COMPACTED);
        for (int i = 0; i < 100; i++) {
            UnsafeBuffer record = Batches.record(-1, "k".getBytes(UTF_8), new byte[1_000]);
            BatchBuilder builder = new BatchBuilder();
            builder.add(record, 0, record.capacity(), clock.epochMs());
            builder.finish(log.endOffset());
            log.append(builder.buffer(), 0, builder.length());
        }
        PartitionLog used =
                failsToCompact ? FailingLog.atCompaction(log, () -> new StorageException("planted failure")) : log;
        agent.addAll(List.of(lane.add("t", index, TopicSettings.partitions(1).withCleanup(COMPACTED.cleanup()), used)));
        return log;
    }

    private static boolean isCompacted(PartitionLog log) {
        int batches = 0;
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                batches++;
            }
        }
        return batches < 100;
    }
}
