package io.tidemill.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.DeadLetterHeaders;
import io.tidemill.Header;
import io.tidemill.LoopSettings;
import io.tidemill.PoisonPolicy;
import io.tidemill.ProducerRecord;
import io.tidemill.RecordHandler;
import io.tidemill.RecordLoop;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.PoisonRecordException;
import io.tidemill.errors.RecordTooLargeException;
import io.tidemill.errors.SerializationException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C07, poison: what cannot be handled or read goes to a dead-letter topic as it is, and nothing else happens to it. */
class DeadLetterTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final LoopSettings TO_DEAD =
            LoopSettings.defaults().withRetries(0).withPoison(PoisonPolicy.deadLetter("dead"));

    @TempDir
    Path directory;

    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private final List<Integer> handled = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(Threads.Mode.class)
    void takesRecordsAsTheyAreInEveryThreadingMode(Threads.Mode mode) {
        Threads threads = new Threads(mode, Threads.dedicated().factory(), null);
        for (Engine engine : Engine.values()) {
            Storage storage = engine.storage(directory.resolve(mode.name()));
            try (Broker broker = Broker.open(
                    storage, BrokerSettings.defaults(), Seams.system().withThreads(threads))) {
                takesRecordsAsTheyAre(broker);
            }
        }
    }

    private void takesRecordsAsTheyAre(Broker broker) {
        Topic<byte[], byte[]> dead = bytes(broker, "dead", 1);
        Topic<byte[], byte[]> source = bytes(broker, "t", 1);
        source.send(null, four(0)).join();
        source.send(ProducerRecord.<byte[], byte[]>of(new byte[] {1, 2}, four(13))
                        .at(1_234)
                        .withHeader("a", new byte[] {3})
                        .withHeader("b", null))
                .join();
        // Not an integer.
        source.send(ProducerRecord.<byte[], byte[]>of(null, new byte[] {7}).at(5))
                .join();
        source.send(new byte[0], null).join();
        source.send(null, four(4)).join();
        RecordHandler<byte[], Integer> handler = record -> {
            if (record.value() == null || record.value() == 13) {
                throw new IllegalStateException("cannot: value=" + record.value());
            }
            handled.add(record.value());
        };
        Consumer<byte[], Integer> consumer =
                broker.topic("t", Serdes.bytes(), Serdes.integer()).consumer();
        handled.clear();
        try (RecordLoop loop = broker.loop(consumer, handler, committed::putAll, TO_DEAD)) {
            int done = 0;
            while (done < 5) {
                done += loop.runOnce(SOON);
            }
        }

        assertEquals(List.of(0, 4), handled);
        assertEquals(Map.of(new TopicPartition("t", 0), 5L), committed);
        List<ConsumerRecord<byte[], byte[]>> letters = readAll(dead);
        assertEquals(3, letters.size());
        ConsumerRecord<byte[], byte[]> first = letters.get(0);
        assertArrayEquals(new byte[] {1, 2}, first.key());
        assertArrayEquals(four(13), first.value());
        assertTrue(first.timestamp() > 1_234);
        assertEquals(
                List.of(
                        new Header("a", new byte[] {3}),
                        new Header("b", null),
                        header(DeadLetterHeaders.TOPIC, "t"),
                        header(DeadLetterHeaders.PARTITION, "0"),
                        header(DeadLetterHeaders.OFFSET, "1"),
                        header(DeadLetterHeaders.TIMESTAMP, "1234"),
                        header(DeadLetterHeaders.EXCEPTION, "java.lang.IllegalStateException"),
                        header(DeadLetterHeaders.MESSAGE, "cannot: value=13")),
                first.headers());
        ConsumerRecord<byte[], byte[]> unreadable = letters.get(1);
        assertEquals(null, unreadable.key());
        assertArrayEquals(new byte[] {7}, unreadable.value());
        assertEquals(header(DeadLetterHeaders.OFFSET, "2"), unreadable.headers().get(2));
        assertEquals(
                header(DeadLetterHeaders.EXCEPTION, SerializationException.class.getName()),
                unreadable.headers().get(4));
        assertArrayEquals(new byte[0], letters.get(2).key());
        assertEquals(null, letters.get(2).value());
    }

    @Test
    void goesOnOnlyWhenTheLetterIsAcknowledged() {
        try (Broker broker = manual()) {
            Topic<byte[], byte[]> dead = bytes(broker, "dead", 1);
            Topic<byte[], byte[]> source = bytes(broker, "t", 1);
            source.send(null, four(13)).join();
            source.send(null, four(1)).join();
            List<Integer> lettersBefore = new ArrayList<>();
            RecordHandler<byte[], byte[]> handler = record -> {
                if (record.value()[3] == 13) {
                    throw new IllegalStateException("cannot");
                }
                // Without a wait, in which a manual broker would work: it must be there already.
                try (var letters = dead.rawConsumer(0)) {
                    lettersBefore.add(letters.poll(letter -> {}, 10));
                }
            };
            try (RecordLoop loop = broker.loop(source.consumer(), handler, TO_DEAD)) {
                assertEquals(2, loop.runOnce(SOON));
            }

            assertEquals(List.of(1), lettersBefore);
        }
    }

    @Test
    void stopsWhereALetterCannotBeSentAndSendsItTheNextTime() {
        try (Broker broker = manual()) {
            broker.createTopic("dead", TopicSettings.partitions(1).withMaxMessageBytes(2_000));
            Topic<byte[], byte[]> source = bytes(broker, "t", 1);
            source.send(null, four(1)).join();
            source.send(null, new byte[2_000]).join();
            RecordHandler<byte[], byte[]> handler = record -> {
                if (record.value().length > 4) {
                    throw new IllegalStateException("cannot");
                }
            };
            try (RecordLoop loop = broker.loop(source.consumer(), handler, committed::putAll, TO_DEAD)) {
                PoisonRecordException e = assertThrows(PoisonRecordException.class, loop::run);

                assertEquals(
                        "record cannot be handled: partition=t-0, offset=1, and the dead letter was not acknowledged:"
                                + " deadLetterTopic=dead",
                        e.getMessage());
                assertInstanceOf(RecordTooLargeException.class, e.getCause());
                assertEquals("cannot", e.getSuppressed()[0].getMessage());
                assertEquals(Map.of(new TopicPartition("t", 0), 1L), committed);

                broker.alterTopic("dead", settings -> settings.withMaxMessageBytes(10_000));
                assertEquals(1, loop.runOnce(SOON));
                assertEquals(Map.of(new TopicPartition("t", 0), 2L), committed);
            }
            assertEquals(1, readAll(bytes(broker, "dead")).size());
        }
    }

    @Test
    void sendsTheLetterThoughTheThreadIsInterrupted() {
        try (Broker broker = manual()) {
            Topic<byte[], byte[]> dead = bytes(broker, "dead", 1);
            Topic<byte[], byte[]> source = bytes(broker, "t", 1);
            source.send(null, new byte[] {7}).join();
            Consumer<byte[], Integer> consumer =
                    broker.topic("t", Serdes.bytes(), Serdes.integer()).consumer();
            try (RecordLoop loop = broker.loop(consumer, record -> {}, committed::putAll, TO_DEAD)) {
                Thread.currentThread().interrupt();

                assertEquals(1, loop.runOnce(SOON));

                assertTrue(Thread.interrupted());
            }
            assertEquals(1, readAll(dead).size());
        }
    }

    @Test
    void stopsAtBytesThatCannotBeReadOrSkipsThem() {
        try (Broker broker = manual()) {
            Topic<byte[], byte[]> source = bytes(broker, "t", 1);
            source.send(null, four(1)).join();
            source.send(null, new byte[] {7}).join();
            source.send(null, four(3)).join();
            Topic<byte[], Integer> integers = broker.topic("t", Serdes.bytes(), Serdes.integer());
            RecordHandler<byte[], Integer> handler = record -> handled.add(record.value());
            try (RecordLoop loop =
                    broker.loop(integers.consumer(), handler, committed::putAll, LoopSettings.defaults())) {
                for (int i = 0; i < 2; i++) {
                    PoisonRecordException e = assertThrows(PoisonRecordException.class, loop::run);

                    assertEquals("record cannot be handled: partition=t-0, offset=1", e.getMessage());
                    assertInstanceOf(SerializationException.class, e.getCause());
                }
            }
            assertEquals(List.of(1), handled);
            assertEquals(Map.of(new TopicPartition("t", 0), 1L), committed);
            handled.clear();

            LoopSettings skipping = LoopSettings.defaults().withPoison(PoisonPolicy.skip());
            try (RecordLoop loop = broker.loop(integers.consumer(), handler, committed::putAll, skipping)) {
                for (int done = 0; done < 3; ) {
                    done += loop.runOnce(SOON);
                }
            }
            assertEquals(List.of(1, 3), handled);
            assertEquals(Map.of(new TopicPartition("t", 0), 3L), committed);
        }
    }

    @Test
    void cutsALongMessageAndTakesAnExceptionWithoutOne() {
        try (Broker broker = manual()) {
            Topic<byte[], byte[]> dead = bytes(broker, "dead", 1);
            Topic<byte[], byte[]> source = bytes(broker, "t", 1);
            source.send(null, four(0)).join();
            source.send(null, four(1)).join();
            RecordHandler<byte[], byte[]> handler = record -> {
                throw record.offset() == 0 ? new IllegalStateException("x".repeat(1_001)) : new IllegalStateException();
            };
            try (RecordLoop loop = broker.loop(source.consumer(), handler, TO_DEAD)) {
                assertEquals(2, loop.runOnce(SOON));
            }

            List<ConsumerRecord<byte[], byte[]>> letters = readAll(dead);
            assertEquals(
                    header(DeadLetterHeaders.MESSAGE, "x".repeat(1_000)),
                    letters.get(0).headers().get(5));
            assertEquals(
                    new Header(DeadLetterHeaders.MESSAGE, null),
                    letters.get(1).headers().get(5));
        }
    }

    @Test
    void stopsWhenTheRecordIsGoneMeanwhile() {
        try (Broker broker = manual()) {
            bytes(broker, "dead", 1);
            Topic<byte[], byte[]> source = bytes(broker, "t", 1);
            source.send(null, four(0)).join();
            RecordHandler<byte[], byte[]> handler = record -> {
                broker.deleteTopic("t");
                throw new IllegalStateException("cannot");
            };
            try (RecordLoop loop = broker.loop(source.consumer(), handler, committed::putAll, TO_DEAD)) {
                PoisonRecordException e = assertThrows(PoisonRecordException.class, () -> loop.runOnce(SOON));

                assertInstanceOf(UnknownTopicOrPartitionException.class, e.getCause());
                assertEquals(Map.of(), committed);
            }
        }
    }

    @Test
    void isRefusedWhereThereIsNoSuchTopic() {
        try (Broker broker = manual()) {
            Consumer<byte[], byte[]> consumer = bytes(broker, "t", 1).consumer();

            assertThrows(UnknownTopicOrPartitionException.class, () -> broker.loop(consumer, record -> {}, TO_DEAD));
        }
    }

    private static Broker manual() {
        return Broker.open(
                Storage.inMemory(), BrokerSettings.defaults(), Seams.system().withThreads(Threads.manual()));
    }

    private static Topic<byte[], byte[]> bytes(Broker broker, String name, int partitions) {
        return broker.topic(name, Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(partitions));
    }

    private static Topic<byte[], byte[]> bytes(Broker broker, String name) {
        return broker.topic(name, Serdes.bytes(), Serdes.bytes());
    }

    private static List<ConsumerRecord<byte[], byte[]>> readAll(Topic<byte[], byte[]> topic) {
        List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = topic.consumer()) {
            List<ConsumerRecord<byte[], byte[]>> some = consumer.poll(Duration.ZERO);
            while (!some.isEmpty()) {
                all.addAll(some);
                some = consumer.poll(Duration.ZERO);
            }
        }
        return all;
    }

    private static byte[] four(int value) {
        return new byte[] {0, 0, 0, (byte) value};
    }

    private static Header header(String key, String value) {
        return new Header(key, value.getBytes(UTF_8));
    }
}
