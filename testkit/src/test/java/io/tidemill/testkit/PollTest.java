package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.AutoOffsetReset;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.WakeupException;
import io.tidemill.raw.RawConsumer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C01: poll returns at once when there is something, else at exactly its timeout or when it is woken up. */
class PollTest {
    private static final Duration WEEK = Duration.ofDays(7);

    private final ManualClock clock = new ManualClock();
    private final ParkHook parker = new ParkHook(clock);

    @Test
    void sleepsOnceForAllOfItsTimeout() {
        try (Broker broker = open();
                Consumer<String, String> consumer = topic(broker).consumer()) {
            Duration start = clock.elapsed();
            int parks = parker.parks();

            assertEquals(List.of(), consumer.poll(WEEK));

            assertEquals(WEEK, clock.elapsed().minus(start));
            assertEquals(1, parker.parks() - parks);
        }
    }

    @Test
    void returnsWhenTheFirstRecordComesAndNotAtTheTimeout() {
        try (Broker broker = open()) {
            Topic<String, String> topic = topic(broker);
            try (Consumer<String, String> consumer = topic.consumer()) {
                Duration start = clock.elapsed();
                parker.beforeNextPark(() -> topic.send("k", "v").join());

                assertEquals(1, consumer.poll(WEEK).size());

                assertEquals(start, clock.elapsed());
            }
        }
    }

    @Test
    void neverReturnsMoreThanItsLimit() {
        try (Broker broker = open()) {
            Topic<String, String> topic = topic(broker);
            List<Integer> sizes = new ArrayList<>();
            for (int i = 0; i < 1_200; i++) {
                topic.send(null, "v" + i).join();
            }
            try (Consumer<String, String> byDefault = topic.consumer();
                    Consumer<String, String> consumer =
                            topic.consumer(ConsumerSettings.defaults().withMaxPollRecords(700))) {
                assertEquals(500, byDefault.poll(WEEK).size());
                sizes.add(consumer.poll(WEEK).size());
                sizes.add(consumer.poll(WEEK).size());
            }

            assertEquals(List.of(700, 500), sizes);
        }
    }

    @Test
    void aWakeupEndsTheNextPollEvenIfThereAreRecords() {
        try (Broker broker = open()) {
            Topic<String, String> topic = topic(broker);
            topic.send("k", "v").join();
            try (Consumer<String, String> consumer = topic.consumer()) {
                consumer.wakeup();
                consumer.wakeup();

                WakeupException e = assertThrows(WakeupException.class, () -> consumer.poll(WEEK));

                assertTrue(e.retriable());
                assertEquals(1, consumer.poll(WEEK).size());
            }
        }
    }

    @Test
    void aWakeupEndsAPollThatWaitsAtOnce() {
        try (Broker broker = open();
                Consumer<String, String> consumer = topic(broker).consumer()) {
            Duration start = clock.elapsed();
            parker.beforeNextPark(consumer::wakeup);

            assertThrows(WakeupException.class, () -> consumer.poll(WEEK));

            assertEquals(start, clock.elapsed());
            consumer.poll(WEEK);
            assertEquals(WEEK, clock.elapsed().minus(start));
        }
    }

    @Test
    void aWakeupEndsTheRawTiersWaitToo() {
        try (Broker broker = open();
                RawConsumer consumer = topic(broker).rawConsumer(0)) {
            Duration start = clock.elapsed();
            parker.beforeNextPark(consumer::wakeup);

            assertThrows(WakeupException.class, () -> consumer.await(WEEK));
            assertEquals(start, clock.elapsed());
            consumer.wakeup();
            assertEquals(0, consumer.poll(record -> {}, 1));
            assertThrows(WakeupException.class, () -> consumer.await(WEEK));

            assertFalse(consumer.await(WEEK));
            assertEquals(WEEK, clock.elapsed().minus(start));
        }
    }

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void aWakeupByAnotherThreadEndsItInEveryMode(Threads.Mode mode) throws Exception {
        Threads threads = new Threads(mode, Threads.dedicated().factory(), null);
        try (Broker broker = Broker.open(
                        Storage.inMemory(),
                        BrokerSettings.defaults(),
                        Seams.system().withThreads(threads));
                Consumer<String, String> consumer = topic(broker).consumer()) {
            for (int i = 0; i < 100; i++) {
                CompletableFuture<?> poll = CompletableFuture.supplyAsync(() -> consumer.poll(WEEK));

                consumer.wakeup();

                ExecutionException e =
                        assertThrows(ExecutionException.class, () -> poll.get(10, TimeUnit.SECONDS), "round=" + i);
                assertEquals(WakeupException.class, e.getCause().getClass());
            }
        }
    }

    @Test
    void pausedPartitionsGiveNothingAndTheRestGoesOn() {
        try (Broker broker = open()) {
            Topic<String, String> topic = topic(broker);
            TopicPartition paused = new TopicPartition("t", 0);
            for (int i = 0; i < 100; i++) {
                topic.send("k" + i, "v").join();
            }
            try (Consumer<String, String> consumer = topic.consumer()) {
                consumer.pause(Set.of(paused));
                long end0 = consumer.endOffsets(Set.of(paused)).get(paused);

                assertEquals(Set.of(paused), consumer.paused());
                assertTrue(consumer.poll(WEEK).stream().allMatch(record -> record.partition() != 0));
                Duration start = clock.elapsed();
                assertEquals(List.of(), consumer.poll(WEEK));
                assertEquals(WEEK, clock.elapsed().minus(start));
                assertEquals(0, consumer.position(paused));

                consumer.resume(Set.of(paused));
                assertEquals(end0, consumer.endOffsets(Set.of(paused)).get(paused));
                assertTrue(end0 > 0);
                assertEquals(end0, consumer.poll(WEEK).size());
                assertEquals(Set.of(), consumer.paused());
            }
        }
    }

    /** A reset that leads to the end is not something to return for. */
    @Test
    void waitsAllOfItsTimeoutWhenThePositionIsResetToTheEnd() {
        try (Broker broker = open()) {
            Topic<String, String> topic = topic(broker);
            try (Consumer<String, String> consumer =
                    topic.consumer(ConsumerSettings.defaults().withAutoOffsetReset(AutoOffsetReset.latest()))) {
                consumer.seek(new TopicPartition("t", 1), 1_000);
                Duration start = clock.elapsed();

                assertEquals(List.of(), consumer.poll(WEEK));

                assertEquals(WEEK, clock.elapsed().minus(start));
            }
        }
    }

    @Test
    void closingByAnotherThreadEndsIt() {
        try (Broker broker = open();
                Consumer<String, String> consumer = topic(broker).consumer()) {
            Duration start = clock.elapsed();
            parker.beforeNextPark(
                    () -> CompletableFuture.runAsync(consumer::close).join());

            assertEquals(List.of(), consumer.poll(WEEK));

            assertEquals(start, clock.elapsed());
        }
    }

    @Test
    void anInterruptEndsItAndStaysSet() {
        try (Broker broker = open();
                Consumer<String, String> consumer = topic(broker).consumer()) {
            Duration start = clock.elapsed();
            parker.beforeNextPark(() -> Thread.currentThread().interrupt());

            assertEquals(List.of(), consumer.poll(WEEK));

            assertTrue(Thread.interrupted());
            assertEquals(start, clock.elapsed());
        }
    }

    private Broker open() {
        return Broker.open(
                Storage.inMemory(),
                BrokerSettings.defaults(),
                new Seams(clock, parker, new SplittableRandom(1), Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker) {
        return broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(2));
    }
}
