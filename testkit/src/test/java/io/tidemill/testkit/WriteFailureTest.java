package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.RecordMetadata;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import io.tidemill.errors.StorageException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same small life of a broker, with its first write failing, then its second, and so on: whatever fails, it says so,
 * what was acknowledged is there afterwards, and nothing is left half-done.
 */
class WriteFailureTest {
    private static final int PARTITIONS = 3;
    private static final int RECORDS = 4;
    /** More than the life below has. */
    private static final int WRITES_MAX = 100;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void survivesAFailureOfEveryWrite(Engine engine) {
        int failingWrite = 0;
        while (true) {
            Storage storage = engine.storage(directory.resolve("" + failingWrite));
            FaultyStorage faulty = new FaultyStorage(storage, failingWrite);
            List<Long> acknowledged = new ArrayList<>();
            int failures = live(faulty, acknowledged);

            checkAfterwards(storage, acknowledged, failures, "failingWrite=" + failingWrite);
            if (!faulty.hasFailed()) {
                break;
            }
            assertTrue(failures > 0, "the failure was swallowed: failingWrite=" + failingWrite);
            failingWrite++;
            assertTrue(failingWrite < WRITES_MAX);
        }
        assertTrue(failingWrite > PARTITIONS + RECORDS, "only " + failingWrite + " writes were seen");
    }

    /** Opens, creates, sends; tries everything even after a failure. Answers how many calls failed. */
    private static int live(Storage storage, List<Long> acknowledged) {
        int failures = 0;
        Seams manual = Seams.system().withThreads(Threads.manual());
        try (Broker broker = Broker.open(storage, BrokerSettings.defaults(), manual)) {
            try {
                broker.createTopic("t", TopicSettings.partitions(PARTITIONS));
            } catch (StorageException e) {
                failures++;
                assertEquals(Set.of(), broker.topics());
                broker.createTopic("t", TopicSettings.partitions(PARTITIONS));
            }
            Topic<String, Integer> topic = broker.topic("t", Serdes.string(), Serdes.integer());
            for (int i = 0; i < RECORDS; i++) {
                try {
                    RecordMetadata sent = topic.send("k", i).join();
                    acknowledged.add(sent.offset());
                } catch (CompletionException e) {
                    assertTrue(e.getCause() instanceof StorageException, e::toString);
                    failures++;
                }
            }
        } catch (StorageException e) {
            failures++;
        }
        return failures;
    }

    private static void checkAfterwards(Storage storage, List<Long> acknowledged, int failures, String what) {
        try (Broker broker = Broker.open(storage)) {
            if (acknowledged.isEmpty()) {
                assertEquals(Set.of(), broker.topics(), what);
                assertTrue(failures > 0, what);
                return;
            }
            Topic<String, Integer> topic = broker.topic("t", Serdes.string(), Serdes.integer());
            assertEquals(PARTITIONS, topic.settings().partitions(), what);
            try (Consumer<String, Integer> consumer = topic.consumer()) {
                List<Long> read = new ArrayList<>();
                consumer.poll(Duration.ZERO).forEach(record -> read.add(record.offset()));
                assertEquals(acknowledged, read, what);
            }
        }
    }

    /** Whatever write fails, a topic is as it was before the call, and the call can be made again. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void changesTopicsWhollyOrNotAtAll(Engine engine) {
        int failingWrite = 0;
        boolean hasFailed = true;
        while (hasFailed) {
            String what = "failingWrite=" + failingWrite;
            Storage storage = engine.storage(directory.resolve("" + failingWrite));
            try (Broker broker = Broker.open(storage)) {
                broker.createTopic("t", TopicSettings.partitions(1));
                broker.createTopic("u", TopicSettings.partitions(1));
            }
            // The first write opens the metadata, and the two behind it the topics.
            FaultyStorage faulty = new FaultyStorage(storage, 3 + failingWrite);
            try (Broker broker = Broker.open(faulty)) {
                changeTopics(broker, what);
            }
            hasFailed = faulty.hasFailed();
            try (Broker broker = Broker.open(storage)) {
                assertEquals(Set.of("t"), broker.topics(), what);
                assertEquals(3, broker.describeTopic("t").settings().partitions(), what);
                assertEquals("5", broker.describeTopic("t").settings().get(TopicSetting.RETENTION_MS), what);
            }
            failingWrite++;
            assertTrue(failingWrite < WRITES_MAX);
        }
        // Two logs, two events, two flushes.
        assertEquals(6 + 1, failingWrite);
    }

    private static void changeTopics(Broker broker, String what) {
        UnaryOperator<TopicSettings> change = now -> now.withPartitions(3).with("retention.ms", "5");
        try {
            broker.alterTopic("t", change);
        } catch (StorageException e) {
            assertEquals(TopicSettings.partitions(1), broker.describeTopic("t").settings(), what);
            assertEquals(1, broker.describeTopic("t").partitions().size(), what);
            broker.alterTopic("t", change);
        }
        try {
            broker.deleteTopic("u");
        } catch (StorageException e) {
            broker.topic("u", Serdes.string(), Serdes.string()).consumer().close();
            broker.deleteTopic("u");
        }
    }
}
