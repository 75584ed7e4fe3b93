package io.tidemill.lane;

import static io.tidemill.lane.SteppedLane.batchesOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TimestampType;
import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.StorageException;
import io.tidemill.ring.ProduceRing;
import io.tidemill.ring.RunSink;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A lane, stepped by hand: what becomes one batch, in which order things become known, and what a failure costs. */
class LaneTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private final SetClock clock = new SetClock(1_000);

    private final Wakeup wakeup = new Wakeup(ThreadParker.INSTANCE);
    private final ProduceRing ring = new ProduceRing(64 * 1024, wakeup);
    private final Lane lane = SteppedLane.over(ring, new DeliveryQueue(wakeup, wakeup), clock);
    private final LogStore store = Storage.inMemory().open(clock);
    private final List<String> answers = new ArrayList<>();

    @Test
    void makesOneBatchPerPartitionOfWhatWaits() {
        Partition first =
                lane.add("t", 0, TopicSettings.partitions(1).withMaxMessageBytes(100_000), store.openLog("t-0"));
        Partition second =
                lane.add("t", 1, TopicSettings.partitions(1).withMaxMessageBytes(100_000), store.openLog("t-1"));
        for (int i = 0; i < 10; i++) {
            put(i % 2 == 0 ? first : second, "r" + i);
        }

        assertEquals(10, lane.doWork());

        assertEquals(List.of(5), batchesOf(first));
        assertEquals(List.of(5), batchesOf(second));
        assertEquals(5, first.committedAcquire());
        assertEquals(10, answers.size());
        assertEquals(0, lane.doWork());
    }

    @Test
    void endsABatchBeforeItExceedsTheLimit() {
        Partition partition =
                lane.add("t", 0, TopicSettings.partitions(1).withMaxMessageBytes(1_024), store.openLog("t-0"));
        for (int i = 0; i < 20; i++) {
            put(partition, "value of some thirty characters");
        }

        lane.doWork();

        assertEquals(List.of(17, 3), batchesOf(partition));
    }

    @Test
    void isReadableBeforeItIsAnswered() {
        Partition partition =
                lane.add("t", 0, TopicSettings.partitions(1).withMaxMessageBytes(100_000), store.openLog("t-0"));
        List<Long> committedAtAnswer = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            put(partition, "r", new RunSink() {
                @Override
                public boolean isForOneRun() {
                    return true;
                }

                @Override
                public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {
                    committedAtAnswer.add(partition.committedAcquire());
                }

                @Override
                public void onFailed(int recordCount, RuntimeException cause) {
                    throw new AssertionError(cause);
                }
            });
        }

        lane.doWork();

        assertEquals(List.of(3L, 3L, 3L), committedAtAnswer);
    }

    @Test
    void losesOnlyTheBatchWhoseAppendFailedWhicheverItIs() {
        for (int failing = 0; failing < 5; failing++) {
            answers.clear();
            String name = "t-" + failing;
            FailingLog log = new FailingLog(store.openLog(name), failing, () -> new StorageException("no space"));
            Partition partition =
                    lane.add("t", failing, TopicSettings.partitions(1).withMaxMessageBytes(100_000), log);
            for (int batch = 0; batch < 5; batch++) {
                put(partition, "a" + batch);
                put(partition, "b" + batch);
                lane.doWork();
            }

            List<String> expected = new ArrayList<>();
            long offset = 0;
            for (int batch = 0; batch < 5; batch++) {
                for (String record : List.of("a", "b")) {
                    expected.add(record + batch + (batch == failing ? " failed: no space" : " at " + offset++));
                }
            }
            assertEquals(expected, answers);
            assertEquals(8, partition.committedAcquire());
            assertNull(lane.failure());
        }
    }

    @Test
    void answersABatchAfterItsFlush() {
        FailingLog log = neverFailing("t-0");
        Partition partition = add(100_000, FlushSettings.EVERY_BATCH, log);
        for (int batch = 0; batch < 3; batch++) {
            put(partition, "a" + batch);
            put(partition, "b" + batch);
            lane.doWork();
        }

        assertEquals(3, log.flushes());
        assertEquals(6, answers.size());
    }

    @Test
    void tellsDoubtWhenAFlushFails() {
        FailingLog log = neverFailing("t-0");
        Partition partition = add(100_000, FlushSettings.EVERY_BATCH, log);
        log.failFlushes(true);
        put(partition, "a");
        lane.doWork();

        assertEquals(
                List.of("a failed: the record may be stored or not, it was appended but could not be flushed:"
                        + " partition=t-0, reason=no space"),
                answers);
        assertEquals(0, partition.committedAcquire());

        log.failFlushes(false);
        put(partition, "b");
        lane.doWork();

        assertEquals("b at 1", answers.get(1));
        assertEquals(2, partition.committedAcquire());
    }

    @Test
    void flushesWithTheBatchThatBringsEnough() {
        FailingLog log = neverFailing("t-0");
        Partition partition = add(100_000, new FlushSettings(3, LogSettings.UNLIMITED), log);
        List<Integer> flushes = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            put(partition, "r" + i);
            lane.doWork();
            flushes.add(log.flushes());
        }

        assertEquals(List.of(0, 0, 1, 1, 1, 2, 2), flushes);
        assertEquals(7, answers.size());
    }

    @Test
    void flushesWhatHasWaitedLongEnough() {
        FailingLog log = neverFailing("t-0");
        Partition partition = add(100_000, new FlushSettings(LogSettings.UNLIMITED, 100), log);
        put(partition, "a");
        lane.doWork();
        clock.advance(60);
        put(partition, "b");
        lane.doWork();
        clock.advance(39);
        lane.doWork();
        assertEquals(0, log.flushes());
        assertEquals(1_000_000, lane.idleNsMax());

        clock.advance(1);
        lane.doWork();
        assertEquals(1, log.flushes());
        assertEquals(Long.MAX_VALUE, lane.idleNsMax());

        clock.advance(1_000);
        lane.doWork();
        assertEquals(1, log.flushes());
        assertEquals(List.of("a at 0", "b at 1"), answers);
    }

    @Test
    void flushesInTimeWhatTookMoreThanOneBatch() {
        FailingLog log = neverFailing("t-0");
        Partition partition = add(1_024, new FlushSettings(LogSettings.UNLIMITED, 100), log);
        for (int i = 0; i < 20; i++) {
            put(partition, "value of some thirty characters");
        }
        lane.doWork();
        clock.advance(100);

        lane.doWork();

        assertEquals(1, log.flushes());
    }

    @Test
    void tellsTheNextSenderThatAFlushFailed() {
        FailingLog log = neverFailing("t-0");
        Partition partition = add(100_000, new FlushSettings(LogSettings.UNLIMITED, 100), log);
        put(partition, "a");
        lane.doWork();
        log.failFlushes(true);
        clock.advance(100);
        lane.doWork();
        lane.doWork();
        assertEquals(1, log.flushes());

        put(partition, "b");
        lane.doWork();
        log.failFlushes(false);
        put(partition, "c");
        lane.doWork();

        assertEquals(3, log.flushes());
        assertEquals("a at 0", answers.get(0));
        assertTrue(answers.get(1).startsWith("b failed: the record may be stored or not"), answers::toString);
        assertEquals("c at 2", answers.get(2));
    }

    private FailingLog neverFailing(String name) {
        return new FailingLog(store.openLog(name), Integer.MAX_VALUE, () -> new StorageException("no space"));
    }

    @Test
    void stopsAndFailsEverythingWhenSomethingHappensThatCannot() {
        IllegalStateException broken = new IllegalStateException("broken");
        Partition healthy =
                lane.add("t", 0, TopicSettings.partitions(1).withMaxMessageBytes(100_000), store.openLog("t-0"));
        Partition failing = lane.add(
                "t",
                1,
                TopicSettings.partitions(1).withMaxMessageBytes(100_000),
                new FailingLog(store.openLog("t-1"), 0, () -> broken));
        put(failing, "a");
        put(healthy, "b");

        AgentTerminationException e = assertThrows(AgentTerminationException.class, lane::doWork);

        assertSame(broken, e.getCause());
        assertSame(broken, lane.failure());
        assertEquals(2, answers.size());
        assertEquals(
                List.of("a failed: the lane stopped: lane=lane", "b failed: the lane stopped: lane=lane"), answers);
        assertEquals(ProduceRing.CLOSED, healthy.claim(64, null));
        assertEquals(0, lane.doWork());
    }

    @Test
    void refusesOnCloseWhatItDidNotWrite() {
        Partition partition =
                lane.add("t", 0, TopicSettings.partitions(1).withMaxMessageBytes(100_000), store.openLog("t-0"));
        put(partition, "written");
        lane.doWork();
        int leftOpen = partition.claim(64, null);
        put(partition, "late");
        lane.stopAccepting();

        lane.onClose();

        assertEquals(1, partition.committedAcquire());
        assertEquals(
                List.of("written at 0", "late failed: the broker was closed before the record was appended"), answers);
        assertThrows(IllegalStateException.class, () -> partition.commit(leftOpen));
    }

    @Test
    void waitsWithTheRingWhenFuturesAreNotDelivered() {
        DeliveryQueue deliveries = new DeliveryQueue(wakeup, wakeup);
        Lane slow = SteppedLane.over(ring, deliveries, clock);
        Partition partition = slow.add("t", 0, TopicSettings.partitions(1), store.openLog("t-0"));
        int delivered = 0;
        int queued = 0;
        while (deliveries.hasRoomFor(Lane.RUNS_AT_A_TIME)) {
            deliveries.add(() -> {});
            queued++;
        }
        put(partition, "r");

        assertEquals(0, slow.doWork());
        delivered += deliveries.drain(queued);

        assertEquals(queued, delivered);
        assertEquals(1, slow.doWork());
    }

    @Test
    void tellsACauseToThoseWhoComeAfterAFailure() {
        Partition partition = lane.add(
                "t",
                0,
                TopicSettings.partitions(1).withMaxMessageBytes(100_000),
                new FailingLog(store.openLog("t-0"), 0, () -> new IllegalStateException("x")));
        List<RuntimeException> causes = new ArrayList<>();
        put(partition, "r", new RunSink() {
            @Override
            public boolean isForOneRun() {
                return true;
            }

            @Override
            public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {
                throw new AssertionError("appended");
            }

            @Override
            public void onFailed(int recordCount, RuntimeException cause) {
                causes.add(cause);
            }
        });

        assertThrows(AgentTerminationException.class, lane::doWork);

        assertInstanceOf(BrokerClosedException.class, causes.get(0));
        assertEquals("x", causes.get(0).getCause().getMessage());
    }

    @Test
    void keepsABatchOpenForExactlyAsLongAsItLingers() {
        Partition partition = addLingering(5, 100_000);
        put(partition, "a");
        lane.doWork();
        clock.advance(4);
        put(partition, "b");
        lane.doWork();

        assertEquals(List.of(), answers);
        assertEquals(0, partition.committedAcquire());
        assertEquals(1_000_000, lane.idleNsMax());

        clock.advance(1);
        assertEquals(0, lane.idleNsMax());
        assertEquals(1, lane.doWork());

        assertEquals(List.of("a at 0", "b at 1"), answers);
        assertEquals(List.of(2), batchesOf(partition));
        assertEquals(Long.MAX_VALUE, lane.idleNsMax());
    }

    @Test
    void countsLingeringFromWhenTheFirstRecordWasSent() {
        Partition partition = addLingering(5, 100_000);
        put(partition, "a");
        clock.advance(3);
        put(partition, "b");
        clock.advance(1);
        lane.doWork();
        assertEquals(List.of(), answers);
        clock.advance(1);
        lane.doWork();
        assertEquals(2, answers.size());

        put(partition, "c");
        clock.advance(4);
        lane.doWork();
        assertEquals(2, answers.size());
        clock.advance(1);
        lane.doWork();
        assertEquals(3, answers.size());
    }

    @Test
    void lingersNoMoreWhenTheBatchIsLargeEnough() {
        Partition partition = addLingering(5, 200);
        put(partition, "a");
        put(partition, "b");
        put(partition, "c");
        put(partition, "d");
        lane.doWork();
        assertEquals(List.of(), answers);

        put(partition, "e");
        lane.doWork();

        assertEquals(List.of(5), batchesOf(partition));
    }

    @Test
    void splitsWhatLingersWhereItExceedsTheLargestBatchAndLetsTheRestLinger() {
        Partition partition = lane.add(
                "t",
                0,
                TopicSettings.partitions(1).withMaxMessageBytes(1_024).withLinger(Duration.ofMillis(5)),
                store.openLog("t-0"));
        for (int i = 0; i < 20; i++) {
            put(partition, "value of some thirty characters");
        }
        lane.doWork();
        assertEquals(List.of(17), batchesOf(partition));

        clock.advance(5);
        lane.doWork();

        assertEquals(List.of(17, 3), batchesOf(partition));
    }

    @Test
    void lingersForNoneOfThoseThatDoNotWantIt() {
        Partition lingering = addLingering(5, 100_000);
        Partition other = lane.add("u", 0, TopicSettings.partitions(1), store.openLog("u-0"));
        put(lingering, "a");
        put(other, "b");

        lane.doWork();

        assertEquals(List.of("b at 0"), answers);
    }

    @Test
    void lingersNoMoreWhenSettingsChange() {
        Partition partition = addLingering(5, 100_000);
        put(partition, "a");
        lane.doWork();

        partition.alter(partition.settings().with("retention.ms", "1"));
        lane.doWork();

        assertEquals(List.of("a at 0"), answers);
    }

    @Test
    void appendsWhatLingersBeforeThePartitionGoes() {
        Partition partition = addLingering(5, 100_000);
        put(partition, "a");
        lane.doWork();
        partition.markRemoved();
        lane.remove(partition, () -> answers.add("removed"));

        lane.doWork();

        assertEquals(List.of("a at 0", "removed"), answers);
    }

    @Test
    void appendsWhatLingersWhenItIsClosed() {
        Partition partition = addLingering(5, 100_000);
        put(partition, "a");
        lane.doWork();
        lane.stopAccepting();
        assertTrue(lane.isDrained());

        lane.onClose();

        assertEquals(List.of("a at 0"), answers);
        assertEquals(1, partition.committedAcquire());
    }

    @Test
    void answersAPushBehindWhatLingeredInFrontOfIt() {
        Partition partition = addLingering(5, 100_000);
        put(partition, "a");
        lane.doWork();
        put(partition, "b");
        partition.commit(partition.claimReference(new UnsafeBuffer(), sink("push")));
        lane.doWork();
        assertEquals(List.of("a at 0", "b at 1", "push at 2"), answers);

        partition.commit(partition.claimReference(new UnsafeBuffer(), sink("empty")));
        lane.doWork();

        assertEquals("empty at 2", answers.get(3));
        put(partition, "c");
        lane.doWork();
        assertEquals(4, answers.size());
    }

    @Test
    void leavesRoomForTheAnswersThatAreOwed() {
        DeliveryQueue deliveries = new DeliveryQueue(wakeup, wakeup);
        Lane owing = SteppedLane.over(ring, deliveries, clock);
        TopicSettings longest = TopicSettings.partitions(1)
                .withLinger(Duration.ofDays(1))
                .withBatchSize(Integer.MAX_VALUE)
                .withMaxMessageBytes(10_000_000);
        Partition partition = owing.add("t", 0, longest, store.openLog("t-0", longest.log()));
        RunSink delivered = new RunSink() {
            @Override
            public boolean isForOneRun() {
                return false;
            }

            @Override
            public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {
                deliveries.add(() -> {});
            }

            @Override
            public void onFailed(int recordCount, RuntimeException cause) {
                throw new AssertionError(cause);
            }
        };
        RunSink other = sink("x");
        int sent = 0;
        while (partition.committedAcquire() == 0) {
            assertTrue(sent < DeliveryQueue.CAPACITY, "nothing was appended: sent=" + sent);
            put(partition, "r", sent++ % 2 == 0 ? delivered : other);
            owing.doWork();
        }

        assertEquals(sent, partition.committedAcquire());
        assertTrue(sent > DeliveryQueue.CAPACITY / 4, "sent=" + sent);
    }

    @Test
    void stampsRecordsWithTheTimeOfTheirAppendIfTheTopicWantsThat() {
        Partition partition = lane.add(
                "t",
                0,
                TopicSettings.partitions(1)
                        .withTimestampType(TimestampType.LOG_APPEND_TIME)
                        .withLinger(Duration.ofMillis(5)),
                store.openLog("t-0"));
        put(partition, "a");
        lane.doWork();
        clock.advance(5);
        lane.doWork();

        try (LogCursor cursor = partition.newCursor()) {
            assertTrue(cursor.next(1));
            assertEquals(BatchLayout.FLAG_LOG_APPEND_TIME, BatchLayout.flags(cursor.buffer(), cursor.batchIndex()));
            assertEquals(1_005, BatchLayout.baseTimestamp(cursor.buffer(), cursor.batchIndex()));
            assertEquals(1_005, BatchLayout.maxTimestamp(cursor.buffer(), cursor.batchIndex()));
        }
    }

    private Partition addLingering(int lingerMs, int batchSize) {
        return lane.add(
                "t",
                0,
                TopicSettings.partitions(1)
                        .withLinger(Duration.ofMillis(lingerMs))
                        .withBatchSize(batchSize),
                store.openLog("t-0"));
    }

    private Partition add(int messageBytesMax, FlushSettings flush, PartitionLog log) {
        return lane.add(
                "t",
                0,
                TopicSettings.partitions(1).withMaxMessageBytes(messageBytesMax).withFlush(flush),
                log);
    }

    private void put(Partition partition, String value) {
        put(partition, value, sink(value));
    }

    private RunSink sink(String value) {
        return new RunSink() {
            @Override
            public boolean isForOneRun() {
                return true;
            }

            @Override
            public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {
                answers.add(value + " at " + baseOffset);
            }

            @Override
            public void onFailed(int recordCount, RuntimeException cause) {
                answers.add(value + " failed: " + cause.getMessage());
            }
        };
    }

    private static void put(Partition partition, String value, RunSink sink) {
        SteppedLane.put(partition, Batches.record(-1, null, value.getBytes(UTF_8)), sink);
    }
}
