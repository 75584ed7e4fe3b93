package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Health;
import io.tidemill.Health.Problem;
import io.tidemill.Health.Status;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.StorageException;
import io.tidemill.log.ChronicleLog;
import io.tidemill.log.DiskBudget;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import io.tidemill.testkit.BrokenStorage.Act;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a broker says of itself: which part does not work and why, for as long as it does not, and no longer. */
class HealthTest {
    private static final Duration CHECK = Duration.ofMinutes(5);

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private final BrokenStorage storage = new BrokenStorage(Storage.inMemory());

    @ParameterizedTest
    @EnumSource(Engine.class)
    void isUpWhileAllIsWellAndDownOnceItIsClosed(Engine engine) {
        Broker broker = open(engine.storage(directory));
        topic(broker, TopicSettings.partitions(2)).send("k", "v").join();

        assertEquals(new Health(Status.UP, List.of()), broker.health());
        broker.close();

        assertEquals(new Health(Status.DOWN, List.of(new Problem("broker", "it was closed"))), broker.health());
    }

    @ParameterizedTest
    @EnumSource(
            value = Threads.Mode.class,
            names = {"DEDICATED", "SHARED"})
    void isReadWhateverThreadsDoTheWork(Threads.Mode mode) {
        Threads threads = mode == Threads.Mode.SHARED ? Threads.shared() : Threads.dedicated();
        try (Broker broker =
                Broker.open(storage, BrokerSettings.defaults(), Seams.system().withThreads(threads))) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            storage.breakLog("t-0", Act.APPEND);

            assertThrows(CompletionException.class, () -> topic.send("k", "v").join());

            assertDegraded(broker, "t-0", "the last batch could not be appended: reason=planted failure: log=t-0");
        }
    }

    @Test
    void anAppendThatFailedIsTroubleUntilOneSucceeds() {
        try (Broker broker = open(storage)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            storage.breakLog("t-0", Act.APPEND);
            assertThrows(CompletionException.class, () -> topic.send("k", "v").join());

            assertDegraded(broker, "t-0", "the last batch could not be appended: reason=planted failure: log=t-0");

            storage.mend();
            topic.send("k", "v").join();
            assertEquals(Status.UP, broker.health().status());
        }
    }

    @Test
    void aFlushThatFailedIsTroubleUntilOneSucceeds() {
        try (Broker broker = open(storage)) {
            Topic<String, String> topic =
                    topic(broker, TopicSettings.partitions(1).withFlush(FlushSettings.EVERY_BATCH));
            storage.breakLog("t-0", Act.FLUSH);
            assertThrows(CompletionException.class, () -> topic.send("k", "v").join());

            assertDegraded(
                    broker,
                    "t-0",
                    "the last flush failed, and what was appended may not survive a crash of the machine: "
                            + "reason=planted failure: log=t-0");

            storage.mend();
            topic.send("k", "v").join();
            assertEquals(Status.UP, broker.health().status());
        }
    }

    @Test
    void aFlushThatNobodyWaitsForIsTold() {
        try (Broker broker = open(storage)) {
            FlushSettings afterASecond = new FlushSettings(Long.MAX_VALUE, 1_000);
            Topic<String, String> topic =
                    topic(broker, TopicSettings.partitions(1).withFlush(afterASecond));
            topic.send("k", "v").join();
            storage.breakLog("t-0", Act.FLUSH);

            clock.advance(Duration.ofSeconds(1));
            broker.doWork();

            assertEquals(Status.DEGRADED, broker.health().status());
        }
    }

    @Test
    void retentionThatFailsIsTroubleUntilACheckSucceeds() {
        try (Broker broker = open(storage)) {
            topic(broker, TopicSettings.partitions(1));
            storage.breakLog("t-0", Act.DELETE_OLD);
            clock.advance(CHECK);
            broker.doWork();

            assertDegraded(broker, "t-0", "what need not be kept cannot be deleted: reason=planted failure: log=t-0");

            storage.mend();
            clock.advance(CHECK);
            broker.doWork();
            assertEquals(Status.UP, broker.health().status());
        }
    }

    @Test
    void compactionThatFailsIsTroubleUntilItSucceedsOrIsNotWantedAnyMore() {
        TopicSettings compacted = TopicSettings.partitions(1).withCleanup(CleanupSettings.of(CleanupPolicy.COMPACT));
        try (Broker broker = open(storage)) {
            topic(broker, compacted);
            storage.breakLog("t-0", Act.COMPACT);
            compactNow(broker);

            assertDegraded(broker, "t-0", "it cannot be compacted: reason=planted failure: log=t-0");

            storage.mend();
            compactNow(broker);
            assertEquals(Status.UP, broker.health().status());
            storage.breakLog("t-0", Act.COMPACT);
            compactNow(broker);
            broker.alterTopic("t", now -> now.withCleanup(CleanupSettings.of(CleanupPolicy.DELETE)));
            assertEquals(Status.UP, broker.health().status());
        }
    }

    @Test
    void aTopicThatIsGoneTroublesNobody() {
        try (Broker broker = open(storage)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            storage.breakLog("t-0", Act.APPEND);
            assertThrows(CompletionException.class, () -> topic.send("k", "v").join());
            assertEquals(Status.DEGRADED, broker.health().status());

            broker.deleteTopic("t");

            assertEquals(Status.UP, broker.health().status());
        }
    }

    @Test
    void aLaneThatStoppedIsToldWithItsReason() {
        BrokerSettings twoLanes = BrokerSettings.defaults().withLanes(2);
        try (Broker broker = Broker.open(storage, twoLanes, seams())) {
            // The metadata is on the first lane, so the first partition is on the second.
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(2));
            storage.breakLog("t-0", Act.APPEND_BEYOND_REPAIR);
            assertThrows(
                    CompletionException.class,
                    () -> topic.send(ProducerRecord.of("k", "v").toPartition(0)).join());

            assertDegraded(
                    broker,
                    "tidemill-lane-1",
                    "it stopped by itself, open the broker again: "
                            + "reason=java.lang.IllegalStateException: planted failure: log=t-0");
        }
    }

    @Test
    void lanesWhoseThreadEndedWithAnotherAreToldToo() {
        Seams shared = Seams.system().withThreads(Threads.shared());
        BrokerSettings twoLanes = BrokerSettings.defaults().withLanes(2);
        try (Broker broker = Broker.open(storage, twoLanes, shared)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            storage.breakLog("t-0", Act.APPEND_BEYOND_REPAIR);
            assertThrows(CompletionException.class, () -> topic.send("k", "v").join());

            Health health = broker.health();
            assertEquals(Status.DOWN, health.status());
            assertEquals(
                    List.of(
                            new Problem("tidemill-lane-0", "it takes nothing any more, because its thread has ended"),
                            new Problem(
                                    "tidemill-lane-1",
                                    "it stopped by itself, open the broker again: "
                                            + "reason=java.lang.IllegalStateException: planted failure: log=t-0")),
                    health.problems());
        }
    }

    @Test
    void maintenanceThatStoppedIsToldAndHoldsUpNobodyElse() {
        TopicSettings compacted = TopicSettings.partitions(1).withCleanup(CleanupSettings.of(CleanupPolicy.COMPACT));
        try (Broker broker = open(storage)) {
            Topic<String, String> topic = topic(broker, compacted);
            storage.breakLog("t-0", Act.COMPACT_BEYOND_REPAIR);
            compactNow(broker);

            assertDegraded(
                    broker,
                    "tidemill-maintenance",
                    "it stopped by itself, open the broker again: "
                            + "reason=java.lang.IllegalStateException: planted failure: log=t-0");
            assertEquals(0, topic.send("k", "v").join().offset());
        }
    }

    @Test
    void isDownWhenTheLastLaneStopped() {
        Broker broker = open(storage);
        Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
        storage.breakLog("t-0", Act.APPEND_BEYOND_REPAIR);
        assertThrows(CompletionException.class, () -> topic.send("k", "v").join());

        assertEquals(Status.DOWN, broker.health().status());

        broker.close();
        assertEquals(
                List.of("broker", "tidemill-lane-0"),
                broker.health().problems().stream().map(Problem::part).toList());
        assertThrows(BrokerClosedException.class, broker::topics);
    }

    @Test
    void aBudgetThatIsUsedUpIsToldWithItsFigures() {
        try (Broker broker =
                open(ChronicleLog.at(directory.resolve("data")).withBudget(DiskBudget.refusingWrites(64 * 1024)))) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            String large = "v".repeat(100_000);

            CompletionException e = assertThrows(
                    CompletionException.class, () -> topic.send("k", large).join());

            assertTrue(e.getCause() instanceof StorageException);
            Problem problem = broker.health().problems().get(0);
            assertEquals("t-0", problem.part());
            assertTrue(problem.sentence().contains("disk budget is used up: budgetBytes=65536"), problem::toString);
        }
    }

    @Test
    void whatAnotherBrokersLogRefusesToTheReaderIsTold() {
        Path data = directory.resolve("data");
        try (Broker writing = open(ChronicleLog.at(data))) {
            topic(writing, TopicSettings.partitions(1)).send("k", "v").join();
            BrokenStorage read = new BrokenStorage(ChronicleLog.at(data).readOnly());
            try (Broker reading = open(read)) {
                clock.advance(Duration.ofSeconds(1));
                reading.doWork();
                assertEquals(Status.UP, reading.health().status());
                read.breakLog("t-0", Act.REFRESH);
                clock.advance(Duration.ofSeconds(1));
                reading.doWork();

                assertDegraded(
                        reading,
                        "t-0",
                        "what the other broker appends cannot be read: reason=planted failure: log=t-0");
            }
        }
    }

    private void compactNow(Broker broker) {
        clock.advance(CHECK);
        broker.doWork();
    }

    private static void assertDegraded(Broker broker, String part, String sentence) {
        assertEquals(new Health(Status.DEGRADED, List.of(new Problem(part, sentence))), broker.health());
    }

    private Broker open(Storage opened) {
        return Broker.open(opened, BrokerSettings.defaults(), seams());
    }

    private Seams seams() {
        return new Seams(clock, clock, new SplittableRandom(1), Threads.manual());
    }

    private static Topic<String, String> topic(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }
}
