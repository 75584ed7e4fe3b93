package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * B04, on one broker: the records of one key from one producer are read in the order in which they were sent, whatever lies
 * between: several lanes, full rings, records too large for a ring, and restarts.
 */
class KeyOrderTest {
    private static final int KEYS = 5;
    private static final int PRODUCERS = 3;
    private static final int STEPS = 200;
    private static final int THREADS = 4;
    private static final int RECORDS_OF_A_THREAD = 20_000;

    /** Larger than an eighth of the ring, so that such a record travels beside it. */
    private static final int LARGE = 20_000;

    @TempDir
    Path directory;

    /** How many each producer sent of each key, and how many of them were read. */
    private final Map<String, Integer> sent = new HashMap<>();

    private final Map<String, Integer> read = new HashMap<>();

    @Test
    void isKeptInAThousandSteppedRuns() {
        for (long seed = 1; seed <= 1_000; seed++) {
            run(seed, Storage.inMemory());
        }
    }

    @Test
    void isKeptInSteppedRunsOnDisk() {
        for (long seed = 1; seed <= 20; seed++) {
            run(seed, Engine.CHRONICLE.storage(directory.resolve("seed-" + seed)));
        }
    }

    private void run(long seed, Storage storage) {
        RandomGenerator random = new SplittableRandom(seed);
        sent.clear();
        read.clear();
        int lanes = 1 + random.nextInt(3);
        TopicSettings settings = TopicSettings.partitions(1 + random.nextInt(4));
        BrokerSettings small = BrokerSettings.defaults().withLanes(lanes).withRingBytes(64 * 1024);
        Map<Integer, Long> positions = new HashMap<>();
        for (int restarts = 1 + random.nextInt(3); restarts > 0; restarts--) {
            ManualClock clock = new ManualClock();
            Seams seams = new Seams(clock, clock, new SplittableRandom(seed), Threads.manual());
            try (Broker broker = Broker.open(storage, small, seams);
                    Consumer<String, String> consumer = broker.topic("t", Serdes.string(), Serdes.string(), settings)
                            .consumer()) {
                Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string());
                for (int step = 0; step < STEPS; step++) {
                    step(random, broker, topic, consumer, seed, positions);
                }
            }
        }
        try (Broker broker = Broker.open(storage);
                Consumer<String, String> consumer =
                        broker.topic("t", Serdes.string(), Serdes.string()).consumer()) {
            read.clear();
            readToEnd(consumer, seed);
        }
        assertEquals(sent, read, "seed=" + seed);
    }

    private void step(
            RandomGenerator random,
            Broker broker,
            Topic<String, String> topic,
            Consumer<String, String> consumer,
            long seed,
            Map<Integer, Long> positions) {
        switch (random.nextInt(8)) {
            case 0 -> check(consumer.poll(Duration.ZERO), positions, seed);
            case 1 -> broker.doWork();
            default -> {
                String key = "producer-" + random.nextInt(PRODUCERS) + "-key-" + random.nextInt(KEYS);
                int number = sent.merge(key, 1, Integer::sum) - 1;
                String filling = random.nextInt(50) == 0 ? "x".repeat(LARGE) : "x".repeat(random.nextInt(100));
                topic.send(key, number + " " + filling);
            }
        }
    }

    /** What is read again after a restart is left out. */
    private void check(List<ConsumerRecord<String, String>> records, Map<Integer, Long> positions, long seed) {
        for (ConsumerRecord<String, String> record : records) {
            if (record.offset() >= positions.getOrDefault(record.partition(), 0L)) {
                positions.put(record.partition(), record.offset() + 1);
                checkNext(record, seed);
            }
        }
    }

    private void readToEnd(Consumer<String, String> consumer, long seed) {
        for (List<ConsumerRecord<String, String>> records = consumer.poll(Duration.ZERO);
                !records.isEmpty();
                records = consumer.poll(Duration.ZERO)) {
            records.forEach(record -> checkNext(record, seed));
        }
    }

    private void checkNext(ConsumerRecord<String, String> record, long seed) {
        int number = Integer.parseInt(record.value().substring(0, record.value().indexOf(' ')));
        int expected = read.merge(record.key(), 1, Integer::sum) - 1;
        assertEquals(expected, number, () -> "seed=" + seed + ", key=" + record.key() + ", offset=" + record.offset());
    }

    @Test
    void isKeptWhenThreadsSendAtOnce() throws InterruptedException {
        try (Broker broker =
                Broker.open(Storage.inMemory(), BrokerSettings.defaults().withLanes(2))) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                String name = "producer-" + i;
                Thread thread = new Thread(() -> sendAll(topic, name), name);
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            try (Consumer<String, String> consumer = topic.consumer()) {
                for (int total = 0; total < THREADS * RECORDS_OF_A_THREAD; ) {
                    List<ConsumerRecord<String, String>> records = consumer.poll(Duration.ofSeconds(30));
                    total += records.size();
                    records.forEach(record -> checkNext(record, 0));
                }
            }
        }
        assertEquals(
                THREADS * RECORDS_OF_A_THREAD,
                read.values().stream().mapToInt(Integer::intValue).sum());
    }

    private static void sendAll(Topic<String, String> topic, String name) {
        int[] numbers = new int[KEYS];
        for (int i = 0; i < RECORDS_OF_A_THREAD; i++) {
            int key = (i * 7) % KEYS;
            topic.send(name + "-key-" + key, numbers[key]++ + " ");
        }
    }
}
