package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The raw tier: records one by one and in runs, aborted ones, handlers that throw or seek. */
class RawTierTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void mixesRunsSingleRecordsAndAbortsWithoutLosingTheOrder(Engine engine) {
        long seed = 7;
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> sent = new ArrayList<>();
        try (Broker broker = Broker.open(engine.storage(directory));
                RawProducer producer = topic(broker).rawProducer(0);
                RawConsumer consumer = topic(broker).rawConsumer(0)) {
            int number = 0;
            while (number < 20_000) {
                boolean inRun = random.nextBoolean();
                if (inRun && producer.claimRun(32 + random.nextInt(2_000)) != RawProducer.OK) {
                    continue;
                }
                int records = random.nextInt(20);
                for (int i = 0; i < records; i++) {
                    number = sendOrAbort(producer, random, number, sent);
                }
                if (inRun) {
                    assertEquals(sent.size() - 1, producer.commitRun());
                }
            }
            assertTrue(producer.await(sent.size() - 1, SOON), "seed=" + seed);

            assertEquals(sent, readAll(consumer, sent.size()), "seed=" + seed);
            assertEquals(0, producer.failed());
            assertEquals(sent.size(), consumer.endOffset());
        }
    }

    private static int sendOrAbort(RawProducer producer, SplittableRandom random, int number, List<Integer> sent) {
        int valueLength = Integer.BYTES + random.nextInt(100);
        if (producer.claim(RawProducer.NULL_LENGTH, valueLength) != RawProducer.OK) {
            return number;
        }
        producer.buffer().setMemory(producer.valueIndex(), valueLength, (byte) 0x7f);
        producer.buffer().putInt(producer.valueIndex(), number);
        if (random.nextInt(10) == 0) {
            producer.abort();
        } else {
            producer.commit();
            sent.add(number);
        }
        return number + 1;
    }

    @Test
    void aRunIsNotReadableBeforeItIsHandedOver() {
        try (Broker broker = manual();
                RawProducer producer = topic(broker).rawProducer(0);
                RawConsumer consumer = topic(broker).rawConsumer(0)) {
            assertEquals(RawProducer.OK, producer.claimRun(1_000));
            assertEquals(RawProducer.OK, producer.claim(RawProducer.NULL_LENGTH, 10));
            assertEquals(0, producer.commit());
            broker.doWork();
            assertEquals(0, consumer.endOffset());

            assertEquals(0, producer.commitRun());

            assertTrue(producer.await(0, SOON));
            assertEquals(1, consumer.endOffset());
        }
    }

    @Test
    void aFullRunSaysSoAndAnEmptyOneLeavesNothing() {
        try (Broker broker = manual();
                RawProducer producer = topic(broker).rawProducer(0);
                RawConsumer consumer = topic(broker).rawConsumer(0)) {
            producer.claimRun(64);
            assertEquals(RawProducer.RUN_FULL, producer.claim(RawProducer.NULL_LENGTH, 100));
            assertEquals(RawProducer.OK, producer.claim(RawProducer.NULL_LENGTH, 30));
            producer.abort();
            assertEquals(-1, producer.commitRun());

            assertEquals(0, broker.doWork());
            assertEquals(0, consumer.endOffset());
        }
    }

    @Test
    void refusesClaimsAndRunsInTheWrongOrder() {
        try (Broker broker = manual();
                RawProducer producer = topic(broker).rawProducer(0)) {
            assertThrows(IllegalStateException.class, producer::commitRun);
            assertThrows(IllegalStateException.class, producer::abort);
            assertThrows(IllegalArgumentException.class, () -> producer.claimRun(23));
            assertThrows(IllegalArgumentException.class, () -> producer.claimRun(1 << 30));
            producer.claimRun(1_000);
            assertThrows(IllegalStateException.class, () -> producer.claimRun(1_000));
            producer.claim(RawProducer.NULL_LENGTH, 1);
            assertThrows(IllegalStateException.class, () -> producer.claim(RawProducer.NULL_LENGTH, 1));
            assertThrows(IllegalStateException.class, producer::commitRun);
            producer.commit();
            producer.commitRun();
        }
    }

    @Test
    void closeAbortsTheClaimAndHandsOverTheRun() {
        try (Broker broker = manual()) {
            RawProducer producer = topic(broker).rawProducer(0);
            producer.claimRun(1_000);
            producer.claim(RawProducer.NULL_LENGTH, 1);
            producer.commit();
            producer.claim(RawProducer.NULL_LENGTH, 1);
            producer.close();
            producer.close();

            broker.doWork();
            try (RawConsumer consumer = topic(broker).rawConsumer(0)) {
                assertEquals(1, consumer.endOffset());
            }
        }
    }

    @Test
    void aHandlerThatThrowsSeesTheRecordAgainAndOneThatSeeksGoesThere() {
        try (Broker broker = manual();
                RawProducer producer = topic(broker).rawProducer(0);
                RawConsumer consumer = topic(broker).rawConsumer(0)) {
            List<Integer> none = new ArrayList<>();
            SplittableRandom random = new SplittableRandom(1);
            while (none.size() < 100) {
                sendOrAbort(producer, random, none.size(), none);
            }
            producer.await(99, SOON);

            assertThrows(
                    IllegalStateException.class,
                    () -> consumer.poll(
                            record -> {
                                if (record.offset() == 3) {
                                    throw new IllegalStateException("handler");
                                }
                            },
                            10));
            assertEquals(3, consumer.position());
            assertThrows(
                    IllegalStateException.class,
                    () -> consumer.poll(
                            record -> {
                                consumer.seek(70);
                                throw new IllegalStateException("handler");
                            },
                            10));
            assertEquals(3, consumer.position());
            List<Long> offsets = new ArrayList<>();
            consumer.poll(
                    record -> {
                        offsets.add(record.offset());
                        if (record.offset() == 5) {
                            consumer.seek(50);
                        }
                    },
                    5);

            assertEquals(List.of(3L, 4L, 5L, 50L, 51L), offsets);
            assertEquals(52, consumer.position());
        }
    }

    @Test
    void aHandlerThatClosesGetsNothingMore() {
        try (Broker broker = manual();
                RawProducer producer = topic(broker).rawProducer(0)) {
            RawConsumer consumer = topic(broker).rawConsumer(0);
            for (int i = 0; i < 10; i++) {
                producer.claim(RawProducer.NULL_LENGTH, 4);
                producer.commit();
            }
            broker.doWork();
            List<Long> offsets = new ArrayList<>();

            int count = consumer.poll(
                    record -> {
                        offsets.add(record.offset());
                        if (record.offset() == 3) {
                            consumer.close();
                        }
                    },
                    10);

            assertEquals(List.of(0L, 1L, 2L, 3L), offsets);
            assertEquals(4, count);
            assertThrows(IllegalStateException.class, () -> consumer.poll(record -> {}, 1));
        }
    }

    private static Broker manual() {
        return Broker.open(
                Storage.inMemory(), BrokerSettings.defaults(), Seams.system().withThreads(Threads.manual()));
    }

    private static Topic<byte[], byte[]> topic(Broker broker) {
        return broker.topic("t", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
    }

    private static List<Integer> readAll(RawConsumer consumer, int count) {
        List<Integer> values = new ArrayList<>();
        while (values.size() < count) {
            assertTrue(consumer.await(SOON));
            consumer.poll(record -> values.add(record.buffer().getInt(record.valueIndex())), 1_000);
        }
        return values;
    }
}
