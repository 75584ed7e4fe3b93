package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** B03: a million offsets without a gap, over rolls, restarts, other days, and clocks that jump to and fro. */
class DenseOffsetsTest {
    private static final long SEED = 17;
    private static final int RECORDS = 1_000_000;
    private static final int RECORDS_BETWEEN_JUMPS_MAX = 20_000;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private final RandomGenerator random = new SplittableRandom(SEED);
    private int sent;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void areWithoutAGap(Engine engine) {
        Storage storage = engine.storage(directory);
        TopicSettings settings = TopicSettings.partitions(1)
                .withUnlimitedRetention()
                .withSegmentBytes(2 * 1024 * 1024)
                .withSegmentAge(Duration.ofDays(1));
        int restarts = 0;
        while (sent < RECORDS) {
            try (Broker broker = open(storage)) {
                send(broker.topic("t", Serdes.bytes(), Serdes.bytes(), settings));
            }
            restarts++;
        }

        assertTrue(restarts > 3, "seed=" + SEED);
        try (Broker broker = open(storage);
                RawConsumer consumer =
                        broker.topic("t", Serdes.bytes(), Serdes.bytes()).rawConsumer(0)) {
            long[] next = {0};
            while (next[0] < RECORDS) {
                int polled = consumer.poll(
                        record -> {
                            assertEquals(next[0], record.offset());
                            assertEquals(next[0], record.buffer().getLong(record.valueIndex()));
                            next[0]++;
                        },
                        Integer.MAX_VALUE);
                assertTrue(polled > 0, "seed=" + SEED + ", next=" + next[0]);
            }
            assertEquals(RECORDS, consumer.endOffset());
        }
    }

    private Broker open(Storage storage) {
        return Broker.open(
                storage,
                BrokerSettings.defaults(),
                new Seams(clock, clock, new SplittableRandom(SEED), Threads.manual()));
    }

    /** A few times as many records as come between two jumps of the clock. */
    private void send(Topic<byte[], byte[]> topic) {
        try (RawProducer producer = topic.rawProducer(0)) {
            for (int jump = random.nextInt(1, 20); jump > 0; jump--) {
                long ticket = -1;
                for (int i = random.nextInt(1, RECORDS_BETWEEN_JUMPS_MAX); i > 0 && sent < RECORDS; i--) {
                    while (producer.claim(RawProducer.NULL_LENGTH, Long.BYTES) != RawProducer.OK) {
                        producer.await(ticket, Duration.ofMinutes(1));
                    }
                    producer.buffer().putLong(producer.valueIndex(), sent++);
                    ticket = producer.commit();
                }
                assertTrue(ticket < 0 || producer.await(ticket, Duration.ofMinutes(1)), "seed=" + SEED);
                assertEquals(0, producer.failed());
                jumpInTime();
            }
        }
    }

    private void jumpInTime() {
        long dayMs = Duration.ofDays(1).toMillis();
        clock.advance(Duration.ofMillis(random.nextLong(2 * dayMs)));
        clock.setEpochMs(clock.epochMs() + random.nextLong(-400 * dayMs, 400 * dayMs));
    }
}
