package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Acks;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.DeliveryListener;
import io.tidemill.FullRingPolicy;
import io.tidemill.Producer;
import io.tidemill.ProducerInterceptor;
import io.tidemill.ProducerRecord;
import io.tidemill.ProducerSettings;
import io.tidemill.RecordMetadata;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicSettings;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.BufferExhaustedException;
import io.tidemill.errors.InterruptException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnansweredException;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** P04, P05, P07: a producer's account, whichever way its records end. */
class ProducerTest {
    private static final TopicSettings FOR_A_DAY = TopicSettings.partitions(3).withLinger(Duration.ofDays(1));

    private final ManualClock clock = new ManualClock();
    private final List<String> reports = new CopyOnWriteArrayList<>();
    private final DeliveryListener reporting =
            (record, failure) -> reports.add(record.partition() + "@" + record.offset() + what(failure));

    @TempDir
    Path directory;

    private static String what(@Nullable RuntimeException failure) {
        return failure == null ? "" : " " + failure.getClass().getSimpleName();
    }

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void reportsEveryRecordOnceAndInOrderOnTheDeliveryThread(Threads.Mode mode) {
        int records = 5_000;
        Set<String> threads = ConcurrentHashMap.newKeySet();
        List<List<Long>> offsets = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        ProducerSettings<String, String> settings = ProducerSettings.<String, String>defaults()
                .withListener((record, failure) -> {
                    threads.add(Thread.currentThread().getName());
                    offsets.get(record.partition()).add(record.offset());
                });
        List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
        try (Broker broker = open(Storage.inMemory(), mode);
                Producer<String, String> producer =
                        topic(broker, TopicSettings.partitions(3)).producer(settings)) {
            for (int i = 0; i < records; i++) {
                sent.add(producer.send("k" + i, "v"));
            }
            producer.flush();

            assertEquals(records, offsets.stream().mapToInt(List::size).sum());
            for (List<Long> ofOne : offsets) {
                for (int i = 0; i < ofOne.size(); i++) {
                    assertEquals(i, ofOne.get(i));
                }
            }
            assertTrue(sent.stream().allMatch(CompletableFuture::isDone));
            assertEquals(records, producer.acknowledged());
        }
        String expected = switch (mode) {
            case DEDICATED -> "tidemill-delivery";
            case SHARED -> "tidemill";
            case MANUAL -> Thread.currentThread().getName();
        };
        assertEquals(Set.of(expected), threads);
    }

    @Test
    void aThrowingCallbackStopsNothing() {
        ProducerInterceptor<String, String> broken = new ProducerInterceptor<>() {
            @Override
            public ProducerRecord<String, String> onSend(ProducerRecord<String, String> record) {
                throw new IllegalStateException("planted");
            }

            @Override
            public void onAcknowledgement(RecordMetadata record, @Nullable RuntimeException failure) {
                throw new IllegalStateException("planted");
            }
        };
        DeliveryListener brokenToo = (record, failure) -> {
            throw new AssertionError("planted");
        };
        try (Broker broker = open(Storage.inMemory(), Threads.Mode.DEDICATED);
                Producer<String, String> producer = topic(broker, TopicSettings.partitions(1))
                        .producer(ProducerSettings.<String, String>defaults()
                                .withInterceptor(broken)
                                .withListener(reporting))) {
            for (int i = 0; i < 10; i++) {
                producer.send(ProducerRecord.of("k", "v"), brokenToo).whenComplete((sent, failure) -> {
                    throw new IllegalStateException("planted");
                });
            }
            producer.flush();

            assertEquals(10, producer.acknowledged());
            assertEquals("0@9", reports.get(9));
        }
    }

    @Test
    void interceptorsSeeRecordsInTheirOrderAndReplaceThem() {
        ProducerInterceptor<String, String> first = record -> record.withHeader("seen", null);
        ProducerInterceptor<String, String> second = record -> ProducerRecord.of(
                record.key(), record.value() + record.headers().size());
        try (Broker broker = open(Storage.inMemory(), Threads.Mode.MANUAL)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            try (Producer<String, String> producer = topic.producer(ProducerSettings.<String, String>defaults()
                    .withInterceptor(first)
                    .withInterceptor(second))) {
                producer.send("k", "v");
            }

            assertEquals(
                    List.of("v1"),
                    TopicContent.of(topic).stream().map(ConsumerRecord::value).toList());
        }
    }

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void afterAFlushEveryEarlierRecordIsReportedThoughItWouldLingerForADay(Threads.Mode mode) {
        for (Engine engine : Engine.values()) {
            try (Broker broker = open(engine.storage(directory.resolve("" + mode + engine)), mode);
                    Producer<String, String> producer = topic(broker, FOR_A_DAY).producer()) {
                for (int round = 1; round <= 3; round++) {
                    for (int i = 0; i < 100; i++) {
                        producer.send("k" + i, "v");
                    }
                    producer.flush();

                    assertEquals(100L * round, producer.accepted());
                    assertEquals(100L * round, producer.acknowledged());
                }
                CompletableFuture<RecordMetadata> later = producer.send("k", "v");
                broker.doWork();
                assertFalse(later.isDone());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void closingFlushes(Threads.Mode mode) {
        try (Broker broker = open(Storage.inMemory(), mode)) {
            Producer<String, String> producer = topic(broker, FOR_A_DAY).producer();
            CompletableFuture<RecordMetadata> sent = producer.send("k", "v");

            producer.close();
            producer.close();

            assertEquals(0, sent.join().offset());
            assertEquals(1, producer.acknowledged());
            assertThrows(IllegalStateException.class, () -> producer.send("k", "v"));
            assertEquals(1, producer.accepted());
        }
    }

    @Test
    void closingGivesUpAfterItsTimeAndTellsDoubtOnce() {
        try (Broker broker = open(Storage.inMemory(), Threads.Mode.MANUAL)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            Producer<String, String> producer =
                    topic.producer(ProducerSettings.<String, String>defaults().withListener(reporting));
            producer.send("k", "v").join();
            RawProducer stuck = topic.rawProducer(0);
            // Nothing behind this claim can be read before it is given back.
            stuck.claim(RawProducer.NULL_LENGTH, 8);
            CompletableFuture<RecordMetadata> open = producer.send("k", "v");
            Duration before = clock.elapsed();

            producer.close(Duration.ofSeconds(3));

            assertEquals(Duration.ofSeconds(3), clock.elapsed().minus(before));
            CompletionException e = assertThrows(CompletionException.class, open::join);
            UnansweredException doubt = assertInstanceOf(UnansweredException.class, e.getCause());
            assertTrue(doubt.getMessage().contains("may be appended or not: topic=t, timeout=PT3S, open=1"));
            assertFalse(doubt.retriable());
            assertEquals(List.of("0@0", "0@-1 UnansweredException"), reports);
            assertEquals(List.of(2L, 1L, 1L), List.of(producer.accepted(), producer.acknowledged(), producer.failed()));

            stuck.abort();
            while (broker.doWork() > 0) {
                // what was in doubt is appended, and nobody hears of it again
            }
            assertEquals(2, TopicContent.of(topic).size());
            assertEquals(2, reports.size());
            assertEquals(1, producer.acknowledged());
        }
    }

    @ParameterizedTest
    @EnumSource(value = Threads.Mode.class, names = "MANUAL", mode = EnumSource.Mode.EXCLUDE)
    void aCallbackCannotWaitForItself(Threads.Mode mode) {
        try (Broker broker = open(Storage.inMemory(), mode);
                Producer<String, String> producer =
                        topic(broker, TopicSettings.partitions(1)).producer()) {
            List<Throwable> refused = new CopyOnWriteArrayList<>();
            producer.send(ProducerRecord.of("k", "v"), (record, failure) -> {
                refused.add(assertThrows(IllegalStateException.class, producer::flush));
                refused.add(assertThrows(IllegalStateException.class, producer::close));
            });
            producer.flush();

            assertEquals(2, refused.size());
            assertEquals(1, producer.send("k", "v").join().offset());
        }
    }

    @Test
    void anInterruptEndsAFlushAndNothingElse() {
        try (Broker broker = open(Storage.inMemory(), Threads.Mode.MANUAL)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            RawProducer stuck = topic.rawProducer(0);
            stuck.claim(RawProducer.NULL_LENGTH, 8);
            try (Producer<String, String> producer = topic.producer()) {
                CompletableFuture<RecordMetadata> sent = producer.send("k", "v");
                Thread.currentThread().interrupt();
                assertThrows(InterruptException.class, producer::flush);
                assertTrue(Thread.interrupted());

                stuck.abort();
                producer.flush();
                assertEquals(0, sent.join().offset());
            }
        }
    }

    @Test
    void withoutAcksARecordIsAcknowledgedWhenItIsAccepted() {
        try (Broker broker = open(Storage.inMemory(), Threads.Mode.MANUAL)) {
            Topic<String, String> topic = topic(broker, FOR_A_DAY);
            Producer<String, String> producer = topic.producer(ProducerSettings.<String, String>defaults()
                    .withAcks(Acks.of("0"))
                    .withListener(reporting));
            CompletableFuture<RecordMetadata> sent =
                    producer.send(ProducerRecord.<String, String>of("k", "v").toPartition(2));

            assertEquals(RecordMetadata.NO_OFFSET, sent.join().offset());
            assertEquals(2, sent.join().partition());
            assertEquals(1, producer.acknowledged());
            assertEquals(List.of("2@-1"), reports);
            broker.doWork();
            assertEquals(0, TopicContent.of(topic).size());

            producer.flush();

            assertEquals(1, TopicContent.of(topic).size());
            assertEquals(1, reports.size());
        }
    }

    @Test
    void aFullRingIsWaitedForOrFailsOrDropsAsTheUserSays() {
        BrokerSettings small = BrokerSettings.defaults().withRingBytes(64 * 1024);
        try (Broker broker = Broker.open(Storage.inMemory(), small, seams(Threads.Mode.MANUAL))) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            ProducerSettings<String, String> settings = ProducerSettings.<String, String>defaults()
                    .withMaxBlock(Duration.ofSeconds(5))
                    .withListener(reporting);
            Producer<String, String> blocking = topic.producer(settings);
            Producer<String, String> failing = topic.producer(settings.withFullRing(FullRingPolicy.FAIL));
            Producer<String, String> dropping = topic.producer(settings.withFullRing(FullRingPolicy.DROP_NEWEST));
            RawProducer stuck = topic.rawProducer(0);
            stuck.claim(RawProducer.NULL_LENGTH, 8);
            fill(topic);
            String value = "v".repeat(1_000);
            Duration before = clock.elapsed();

            assertThrows(BufferExhaustedException.class, () -> failing.send("k", value));
            CompletableFuture<RecordMetadata> dropped = dropping.send("k", value);
            assertEquals(before, clock.elapsed());
            assertThrows(BufferExhaustedException.class, () -> blocking.send("k", value));
            assertEquals(Duration.ofSeconds(5), clock.elapsed().minus(before));

            CompletionException e = assertThrows(CompletionException.class, dropped::join);
            assertInstanceOf(BufferExhaustedException.class, e.getCause());
            assertEquals(List.of("0@-1 BufferExhaustedException"), reports);
            assertEquals(List.of(0L, 0L, 1L), List.of(blocking.dropped(), failing.dropped(), dropping.dropped()));
            stuck.abort();
            for (Producer<String, String> producer : List.of(blocking, failing, dropping)) {
                producer.send("k", value).join();
                assertEquals(1, producer.accepted());
                assertEquals(0, producer.failed());
            }
        }
    }

    private static void fill(Topic<String, String> topic) {
        UnsafeBuffer value = new UnsafeBuffer(new byte[1_000]);
        try (RawProducer filler = topic.rawProducer(0)) {
            while (filler.offer(value, 0, 1_000) >= 0) {
                // until it is full
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void theBrokersEndAnswersWhatIsUnderWay(Threads.Mode mode) {
        Broker broker = open(Storage.inMemory(), mode);
        Producer<String, String> producer = topic(broker, FOR_A_DAY).producer();
        List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sent.add(producer.send("k" + i, "v"));
        }

        broker.close();

        assertTrue(sent.stream().allMatch(CompletableFuture::isDone));
        assertEquals(100, producer.acknowledged());
        assertThrows(BrokerClosedException.class, () -> producer.send("k", "v"));
        assertEquals(100, producer.accepted());
        producer.flush();
        producer.close();
    }

    @Test
    void manySendersAndFlushesLoseNoAnswer() throws InterruptedException {
        int perSender = 20_000;
        try (Broker broker = open(Storage.inMemory(), Threads.Mode.DEDICATED);
                Producer<String, String> producer = topic(
                                broker, TopicSettings.partitions(3).withLinger(Duration.ofMillis(1)))
                        .producer(ProducerSettings.<String, String>defaults())) {
            List<Throwable> failures = new CopyOnWriteArrayList<>();
            List<Thread> senders = new ArrayList<>();
            for (int sender = 0; sender < 3; sender++) {
                Thread thread = new Thread(() -> {
                    List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
                    for (int i = 0; i < perSender; i++) {
                        sent.add(producer.send("k" + i, "v"));
                        if (i % 1_000 == 999) {
                            producer.flush();
                            assertTrue(sent.stream().allMatch(CompletableFuture::isDone));
                            sent.clear();
                        }
                    }
                });
                thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
                thread.start();
                senders.add(thread);
            }
            for (Thread sender : senders) {
                sender.join();
            }

            assertEquals(List.of(), failures);
            assertEquals(3L * perSender, producer.accepted());
            assertEquals(3L * perSender, producer.acknowledged());
        }
    }

    @Test
    void whoGivesUpAndWhoDeliversShareTheRecordsBetweenThem() {
        int perProducer = 2_000;
        try (Broker broker = open(Storage.inMemory(), Threads.Mode.DEDICATED)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(3));
            for (int round = 0; round < 50; round++) {
                Set<Integer> reported = ConcurrentHashMap.newKeySet();
                List<Integer> again = new CopyOnWriteArrayList<>();
                Producer<String, String> producer = topic.producer();
                List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
                for (int i = 0; i < perProducer; i++) {
                    int number = i;
                    sent.add(producer.send(ProducerRecord.of("k" + i, "v"), (record, failure) -> {
                        if (!reported.add(number)) {
                            again.add(number);
                        }
                    }));
                }

                producer.close(Duration.ofNanos(100_000L * (round % 10)));
                sent.forEach(
                        future -> future.handle((record, failure) -> record).join());

                assertEquals(perProducer, reported.size());
                assertEquals(List.of(), again);
                assertEquals(perProducer, producer.acknowledged() + producer.failed());
            }
        }
    }

    @Test
    void accountsForEveryRecordOfARandomWalk() {
        int doubts = 0;
        int failures = 0;
        for (long seed = 0; seed < 150; seed++) {
            Walk walk = new Walk(seed);
            walk.run();
            doubts += walk.doubts;
            failures += walk.failures;
        }
        assertTrue(doubts > 50 && failures > 1_000, "doubts=" + doubts + ", failures=" + failures);
    }

    /** Sends, failing appends, time, flushes, claims that hold up everything, and an end; against what was heard of it. */
    private static final class Walk {
        private static final int STEPS = 400;

        private final ManualClock clock = new ManualClock();
        private final SplittableRandom random;
        private final String what;
        private final List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
        private final List<Integer> reports = new ArrayList<>();
        private final List<List<Long>> offsets = List.of(new ArrayList<>(), new ArrayList<>());
        private boolean isFailing;
        private int doubts;
        private int failures;
        private @Nullable RawProducer stuck;

        Walk(long seed) {
            this.random = new SplittableRandom(seed);
            this.what = "seed=" + seed;
        }

        void run() {
            Storage storage = new FaultyStorage(
                    Storage.inMemory(), write -> isFailing && write.equals("append") && random.nextInt(3) == 0);
            Broker broker = Broker.open(
                    storage,
                    BrokerSettings.defaults().withCloseTimeout(Duration.ofMillis(50)),
                    new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
            Topic<String, String> topic = broker.topic(
                    "t",
                    Serdes.string(),
                    Serdes.string(),
                    TopicSettings.partitions(2).withLinger(Duration.ofMillis(random.nextInt(6))));
            Producer<String, String> producer = topic.producer();
            isFailing = true;
            for (int step = 0; step < STEPS; step++) {
                step(broker, topic, producer);
            }
            end(broker, topic, producer);
            check(producer);
        }

        private void step(Broker broker, Topic<String, String> topic, Producer<String, String> producer) {
            switch (random.nextInt(12)) {
                case 0 -> clock.advance(Duration.ofMillis(random.nextInt(4)));
                case 1, 2 -> broker.doWork();
                case 3 -> {
                    if (stuck == null) {
                        producer.flush();
                        assertEquals(producer.accepted(), producer.acknowledged() + producer.failed(), what);
                        assertTrue(futures.stream().allMatch(CompletableFuture::isDone), what);
                        assertTrue(reports.stream().allMatch(count -> count == 1), what);
                    }
                }
                case 4 -> {
                    if (stuck != null) {
                        stuck.abort();
                        stuck = null;
                    } else if (random.nextInt(8) == 0) {
                        stuck = topic.rawProducer(0);
                        stuck.claim(RawProducer.NULL_LENGTH, 8);
                    }
                }
                default -> send(producer);
            }
        }

        private void send(Producer<String, String> producer) {
            int number = reports.size();
            reports.add(0);
            ProducerRecord<String, String> record =
                    ProducerRecord.<String, String>of("k", "v" + number).toPartition(random.nextInt(2));
            futures.add(producer.send(record, (metadata, failure) -> {
                reports.set(number, reports.get(number) + 1);
                assertFalse(futures.size() > number && futures.get(number).isDone(), what);
                if (failure == null) {
                    offsets.get(metadata.partition()).add(metadata.offset());
                } else if (failure instanceof UnansweredException) {
                    doubts++;
                } else {
                    failures++;
                    assertTrue(failure instanceof StorageException || failure instanceof BrokerClosedException, what);
                }
            }));
        }

        private void end(Broker broker, Topic<String, String> topic, Producer<String, String> producer) {
            if (random.nextBoolean()) {
                if (stuck == null && random.nextBoolean()) {
                    send(producer);
                    stuck = topic.rawProducer(0);
                    stuck.claim(RawProducer.NULL_LENGTH, 8);
                    send(producer);
                }
                producer.close(Duration.ofMillis(random.nextInt(5)));
                assertEquals(producer.accepted(), producer.acknowledged() + producer.failed(), what);
                if (stuck == null) {
                    checkContent(topic);
                }
            }
            broker.close();
            producer.close();
        }

        /** Acknowledged records are there, at their offsets; and no others, unless they are in doubt. */
        private void checkContent(Topic<String, String> topic) {
            int stored = TopicContent.of(topic).size();
            int acknowledged = offsets.get(0).size() + offsets.get(1).size();
            assertTrue(acknowledged <= stored && stored <= acknowledged + doubts, what);
        }

        private void check(Producer<String, String> producer) {
            assertEquals(reports.size(), producer.accepted(), what);
            assertEquals(producer.accepted(), producer.acknowledged() + producer.failed(), what);
            assertEquals(doubts + failures, producer.failed(), what);
            assertTrue(futures.stream().allMatch(CompletableFuture::isDone), what);
            assertTrue(reports.stream().allMatch(count -> count == 1), what);
            assertEquals(
                    producer.failed(),
                    futures.stream()
                            .filter(CompletableFuture::isCompletedExceptionally)
                            .count(),
                    what);
            for (List<Long> ofOne : offsets) {
                for (int i = 1; i < ofOne.size(); i++) {
                    assertTrue(ofOne.get(i - 1) < ofOne.get(i), what);
                }
            }
        }
    }

    private Broker open(Storage storage, Threads.Mode mode) {
        Seams seams = mode == Threads.Mode.MANUAL
                ? seams(mode)
                : Seams.system()
                        .withThreads(new Threads(mode, Threads.dedicated().factory(), null));
        return Broker.open(storage, BrokerSettings.defaults(), seams);
    }

    private Seams seams(Threads.Mode mode) {
        return new Seams(
                clock,
                clock,
                new SplittableRandom(1),
                new Threads(mode, Threads.dedicated().factory(), null));
    }

    private static Topic<String, String> topic(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }
}
