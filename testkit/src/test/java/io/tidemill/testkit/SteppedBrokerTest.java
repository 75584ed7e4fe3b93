package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.errors.BufferExhaustedException;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A whole broker on the test's thread and clock: it waits exactly as long as it says, and does the same every time. */
class SteppedBrokerTest {
    private final ManualClock clock = new ManualClock();

    @Test
    void pollWaitsExactlyItsTimeout() {
        try (Broker broker = open(1)) {
            Topic<String, String> topic = topic(broker);
            try (Consumer<String, String> consumer = topic.consumer()) {
                long startNs = clock.nowNs();

                assertTrue(consumer.poll(Duration.ofDays(7)).isEmpty());

                assertEquals(Duration.ofDays(7).toNanos(), clock.nowNs() - startNs);
            }
        }
    }

    @Test
    void pollDoesTheWorkItWaitsForAndTakesNoTime() {
        try (Broker broker = open(1)) {
            Topic<String, String> topic = topic(broker);
            try (Consumer<String, String> consumer = topic.consumer()) {
                long startNs = clock.nowNs();
                topic.send("k", "v");

                assertEquals(1, consumer.poll(Duration.ofDays(7)).size());

                assertEquals(startNs, clock.nowNs());
            }
        }
    }

    @Test
    void stampsRecordsWithItsClock() {
        try (Broker broker = open(1)) {
            Topic<String, String> topic = topic(broker);
            long first = topic.send("k", "v").join().timestamp();
            clock.advance(Duration.ofHours(1));
            long second = topic.send("k", "v").join().timestamp();

            assertEquals(clock.epochMs(), second);
            assertEquals(Duration.ofHours(1).toMillis(), second - first);
        }
    }

    @Test
    void aFullRingIsWaitedForNoLongerThanAsked() {
        BrokerSettings patient = BrokerSettings.defaults()
                .withRingBytes(64 * 1024)
                .withMaxBlock(Duration.ofSeconds(5))
                .withCloseTimeout(Duration.ofSeconds(7));
        Broker broker = Broker.open(Storage.inMemory(), patient, seams(1));
        Topic<byte[], byte[]> topic = broker.topic("t", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
        RawProducer stuck = topic.rawProducer(0);
        // Nothing behind this claim can be read before it is committed.
        assertEquals(RawProducer.OK, stuck.claim(RawProducer.NULL_LENGTH, 8));
        UnsafeBuffer value = new UnsafeBuffer(new byte[1_000]);
        try (RawProducer filler = topic.rawProducer(0)) {
            while (filler.offer(value, 0, 1_000) >= 0) {
                // until it is full
            }
        }
        long startNs = clock.nowNs();

        BufferExhaustedException e =
                assertThrows(BufferExhaustedException.class, () -> topic.send(null, new byte[1_000]));

        assertEquals(Duration.ofSeconds(5).toNanos(), clock.nowNs() - startNs);
        assertTrue(e.getMessage().contains("maxBlock=PT5S"), e::getMessage);
        assertTrue(e.retriable());
        startNs = clock.nowNs();
        broker.close();
        assertEquals(Duration.ofSeconds(7).toNanos(), clock.nowNs() - startNs);
    }

    @Test
    void aFutureIsWaitedForNoLongerThanAsked() {
        try (Broker broker = open(1)) {
            Topic<String, String> topic = topic(broker);
            RawProducer stuck = topic.rawProducer(0);
            stuck.claim(RawProducer.NULL_LENGTH, 8);
            var send = topic.send("k", "v");
            long startNs = clock.nowNs();

            assertThrows(TimeoutException.class, () -> send.get(3, TimeUnit.SECONDS));

            assertEquals(TimeUnit.SECONDS.toNanos(3), clock.nowNs() - startNs);
            stuck.abort();
            assertEquals(0, send.join().offset());
        }
    }

    @Test
    void doesTheSameForTheSameSeed() {
        List<ConsumerRecord<String, String>> first = history(42);

        assertEquals(first, history(42));
        assertNotEquals(first, history(43));
    }

    private static List<ConsumerRecord<String, String>> history(long seed) {
        SteppedBrokerTest run = new SteppedBrokerTest();
        SplittableRandom random = new SplittableRandom(seed);
        List<ConsumerRecord<String, String>> read = new ArrayList<>();
        try (Broker broker = run.open(seed)) {
            Topic<String, String> topic = run.topic(broker);
            try (Consumer<String, String> consumer = topic.consumer()) {
                for (int step = 0; step < 2_000; step++) {
                    switch (random.nextInt(4)) {
                        case 0 -> read.addAll(consumer.poll(Duration.ofMillis(random.nextInt(5))));
                        case 1 -> run.clock.advance(Duration.ofMillis(random.nextInt(100)));
                        default -> topic.send(random.nextBoolean() ? null : "k" + random.nextInt(9), "v" + step);
                    }
                }
            }
        }
        assertTrue(read.size() > 500, "read=" + read.size());
        return read;
    }

    private Broker open(long seed) {
        return Broker.open(Storage.inMemory(), BrokerSettings.defaults(), seams(seed));
    }

    private Seams seams(long seed) {
        return new Seams(clock, clock, new SplittableRandom(seed), Threads.manual());
    }

    private Topic<String, String> topic(Broker broker) {
        return broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));
    }
}
