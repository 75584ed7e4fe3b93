package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.raw.RawConsumer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C04: seeking by time, with times that go back now and then, over many files. */
class SeekToTimeTest {
    private static final long SEED = 3;
    private static final int RECORDS = 2_000;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void findsTheFirstRecordOfATimeOrALaterOne(Engine engine) {
        RandomGenerator random = new SplittableRandom(SEED);
        List<Long> times = new ArrayList<>();
        ManualClock clock = new ManualClock();
        try (Broker broker = Broker.open(
                engine.storage(directory),
                BrokerSettings.defaults(),
                new Seams(clock, clock, new SplittableRandom(SEED), Threads.manual()))) {
            Topic<String, String> topic = broker.topic(
                    "t",
                    Serdes.string(),
                    Serdes.string(),
                    TopicSettings.partitions(1).withUnlimitedRetention().withSegmentBytes(16 * 1024));
            for (int i = 0; i < RECORDS; i++) {
                long time = 10L * i + random.nextInt(500);
                times.add(time);
                topic.send(new ProducerRecord<>(0, time, "k", "v".repeat(random.nextInt(300)), List.of()));
                if (random.nextInt(10) == 0) {
                    broker.doWork();
                }
            }
            broker.doWork();

            try (RawConsumer raw = topic.rawConsumer(0);
                    Consumer<String, String> consumer = topic.consumer()) {
                raw.seekToMaxTime();
                assertEquals(times.indexOf(Collections.max(times)), raw.position());
                for (int i = 0; i < 500; i++) {
                    long sought = random.nextLong(-100, 10L * RECORDS + 1_000);
                    raw.seekToTime(sought);
                    consumer.seekToTime(Instant.ofEpochMilli(sought));

                    assertEquals(firstOf(times, sought), raw.position(), "seed=" + SEED + ", sought=" + sought);
                    assertEquals(raw.position(), consumer.position(new TopicPartition("t", 0)));
                    if (raw.position() < RECORDS) {
                        assertEquals(
                                raw.position(),
                                consumer.poll(Duration.ZERO).get(0).offset());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void findsTheEndOfAnEmptyLog(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            try (RawConsumer raw = topic.rawConsumer(0)) {
                raw.seekToTime(0);
                assertEquals(0, raw.position());
                raw.seekToMaxTime();

                assertEquals(0, raw.position());
            }
        }
    }

    private static int firstOf(List<Long> times, long sought) {
        int first = 0;
        while (first < times.size() && times.get(first) < sought) {
            first++;
        }
        return first;
    }
}
