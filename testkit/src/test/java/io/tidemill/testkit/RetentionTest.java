package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicSettings;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.raw.RawConsumer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** R01, R03, R04, T02: a topic forgets by the broker's clock, within one check, and readers are told. */
class RetentionTest {
    private static final Duration CHECK = Duration.ofMinutes(5);
    private static final TopicSettings SMALL_FILES = TopicSettings.partitions(1).withSegmentBytes(16 * 1024);

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void keepsSevenDaysAndNoMoreThanAFileBeyond(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker, SMALL_FILES);
            for (int hour = 0; hour < 24 * 20; hour++) {
                topic.send("k", "v".repeat(400)).join();
                clock.advance(Duration.ofHours(1));
                broker.doWork();
            }

            List<ConsumerRecord<String, String>> kept = TopicContent.of(topic);

            int young = 24 * 7;
            int inAFile = 16 * 1024 / 400;
            assertTrue(kept.size() >= young && kept.size() <= young + inAFile, "kept=" + kept.size());
            assertEquals(24 * 20 - 1, kept.get(kept.size() - 1).offset());
            for (int i = 1; i < kept.size(); i++) {
                assertEquals(kept.get(i - 1).offset() + 1, kept.get(i).offset());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void forgetsEverythingWithinOneCheckAndGoesOnAtTheSameOffset(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker, SMALL_FILES.withRetention(Duration.ofDays(7)));
            for (int i = 0; i < 100; i++) {
                topic.send("k", "v").join();
            }
            try (RawConsumer reader = topic.rawConsumer(0)) {
                reader.poll(record -> {}, 10);
                clock.advance(Duration.ofDays(7));
                broker.doWork();
                assertEquals(10, reader.poll(record -> {}, 10));

                clock.advance(CHECK);
                broker.doWork();

                assertEquals(0, TopicContent.of(topic).size());
                assertThrows(OffsetOutOfRangeException.class, () -> reader.poll(record -> {}, 10));
                assertEquals(100, topic.send("k", "v").join().offset());
                reader.seek(100);
                assertEquals(1, reader.poll(record -> {}, 10));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void keepsEverythingForTenYearsIfAsked(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = topic(broker, SMALL_FILES.withUnlimitedRetention());
            for (int year = 0; year < 10; year++) {
                topic.send("k", "v".repeat(10_000)).join();
                clock.advance(Duration.ofDays(365));
                broker.doWork();
            }

            assertEquals(10, TopicContent.of(topic).size());
        }
    }

    private Broker open(Engine engine) {
        return Broker.open(
                engine.storage(directory),
                BrokerSettings.defaults().withRetentionCheckInterval(CHECK),
                new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }
}
