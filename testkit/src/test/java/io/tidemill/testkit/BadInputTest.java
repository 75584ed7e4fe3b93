package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.AutoOffsetReset;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.CompressionType;
import io.tidemill.Consumer;
import io.tidemill.ConsumerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serde;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.BrokerLockedException;
import io.tidemill.errors.InvalidTopicException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.RecordDeserializationException;
import io.tidemill.errors.RecordTooLargeException;
import io.tidemill.errors.SerializationException;
import io.tidemill.errors.TopicExistsException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.log.ChronicleLog;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mistakes get a typed exception with the values in its message, and leave nothing half-done. */
class BadInputTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a b", "a/b", "é", "a\nb", "__cluster_metadata"})
    void refusesATopicNameThatKafkaWouldRefuse(String name) {
        try (Broker broker = Broker.inMemory()) {
            InvalidTopicException e = assertThrows(
                    InvalidTopicException.class, () -> broker.createTopic(name, TopicSettings.partitions(1)));

            assertTrue(e.getMessage().contains("name=" + name), e::getMessage);
            assertEquals(Set.of(), broker.topics());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void takesATopicNameOfFullLengthAndNoLonger(Engine engine) {
        Storage storage = engine.storage(directory);
        String longest = "x".repeat(249);
        try (Broker broker = Broker.open(storage)) {
            broker.createTopic(longest, TopicSettings.partitions(11));
            assertThrows(
                    InvalidTopicException.class, () -> broker.createTopic(longest + "x", TopicSettings.partitions(1)));
        }
        try (Broker broker = Broker.open(storage)) {
            assertEquals(Set.of(longest), broker.topics());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 100_001})
    void refusesPartitionsThatCannotBe(int partitions) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> TopicSettings.partitions(partitions));

        assertTrue(e.getMessage().contains("partitions=" + partitions), e::getMessage);
    }

    @Test
    void refusesSettingsThatCannotBe() {
        BrokerSettings settings = BrokerSettings.defaults();

        assertThrows(IllegalArgumentException.class, () -> settings.withLanes(0));
        assertThrows(IllegalArgumentException.class, () -> settings.withRingBytes(100_000));
        assertThrows(IllegalArgumentException.class, () -> settings.withMaxBlock(Duration.ofSeconds(-1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> TopicSettings.partitions(1).withMaxMessageBytes(10));
        assertThrows(
                IllegalArgumentException.class,
                () -> TopicSettings.partitions(1).withSegmentBytes(16_000));
        assertThrows(
                IllegalArgumentException.class,
                () -> TopicSettings.partitions(1).withSegmentAge(Duration.ZERO));
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void refusesARecordOverTheLimitAndTakesOneAtIt(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            TopicSettings settings = TopicSettings.partitions(1).withMaxMessageBytes(2_000);
            Topic<byte[], byte[]> topic = broker.topic("t", Serdes.bytes(), Serdes.bytes(), settings);
            int overheadBytes = 64 + 24;
            byte[] largest = new byte[(2_000 - overheadBytes) / 8 * 8];

            RecordTooLargeException e =
                    assertThrows(RecordTooLargeException.class, () -> topic.send(null, new byte[2_000]));

            assertTrue(e.getMessage().contains("max.message.bytes=2000"), e::getMessage);
            assertEquals(0, topic.send(null, largest).join().offset());
            assertThrows(RecordTooLargeException.class, () -> topic.send(null, new byte[largest.length + 1]));
            try (RawProducer producer = topic.rawProducer(0)) {
                assertThrows(RecordTooLargeException.class, () -> producer.claim(RawProducer.NULL_LENGTH, 2_000));
                assertThrows(RecordTooLargeException.class, () -> producer.claim(Integer.MAX_VALUE, Integer.MAX_VALUE));
                assertThrows(IllegalArgumentException.class, () -> producer.claim(-2, 0));
                assertThrows(IllegalStateException.class, producer::commit);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void refusesTopicsAndPartitionsThatAreNotThere(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, String> topic =
                    broker.topic("known", Serdes.string(), Serdes.string(), TopicSettings.partitions(2));

            UnknownTopicOrPartitionException e = assertThrows(
                    UnknownTopicOrPartitionException.class,
                    () -> broker.topic("unknown", Serdes.string(), Serdes.string()));

            assertTrue(e.getMessage().contains("unknown") && e.getMessage().contains("known"), e::getMessage);
            assertThrows(UnknownTopicOrPartitionException.class, () -> topic.rawProducer(2));
            assertThrows(UnknownTopicOrPartitionException.class, () -> topic.rawConsumer(-1));
            assertThrows(
                    UnknownTopicOrPartitionException.class,
                    () -> topic.send(ProducerRecord.<String, String>of("k", "v").toPartition(2)));
            assertThrows(
                    UnknownTopicOrPartitionException.class,
                    () -> topic.partitionedBy((key, index, length, partitions) -> 7)
                            .send("k", "v"));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void refusesToCreateATopicTwiceOrWithOtherSettings(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            broker.createTopic("t", TopicSettings.partitions(2));

            assertThrows(TopicExistsException.class, () -> broker.createTopic("t", TopicSettings.partitions(2)));
            TopicExistsException e = assertThrows(
                    TopicExistsException.class,
                    () -> broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(3)));
            assertTrue(
                    e.getMessage().contains("partitions=2") && e.getMessage().contains("partitions=3"), e::getMessage);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void refusesTwoBrokersOnOneStorage(Engine engine) {
        Storage storage = engine.storage(directory);
        try (Broker broker = Broker.open(storage)) {
            assertThrows(BrokerLockedException.class, () -> Broker.open(storage));
            broker.createTopic("still-works", TopicSettings.partitions(1));
        }
        Broker.open(storage).close();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void refusesEverythingAfterClose(Engine engine) {
        Broker broker = Broker.open(engine.storage(directory));
        Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
        topic.send("k", "v").join();
        Consumer<String, String> consumer = topic.consumer();
        RawProducer rawProducer = topic.rawProducer(0);
        RawConsumer rawConsumer = topic.rawConsumer(0);
        broker.close();
        broker.close();

        assertThrows(BrokerClosedException.class, () -> topic.send("k", "v"));
        assertThrows(BrokerClosedException.class, () -> broker.createTopic("u", TopicSettings.partitions(1)));
        assertThrows(BrokerClosedException.class, () -> broker.topic("t", Serdes.string(), Serdes.string()));
        assertThrows(BrokerClosedException.class, broker::topics);
        assertThrows(BrokerClosedException.class, broker::doWork);
        assertThrows(BrokerClosedException.class, topic::consumer);
        assertThrows(BrokerClosedException.class, () -> topic.rawProducer(0));
        assertThrows(BrokerClosedException.class, () -> consumer.poll(SOON));
        assertThrows(BrokerClosedException.class, () -> rawConsumer.poll(record -> {}, 1));
        assertEquals(RawProducer.CLOSED, rawProducer.claim(RawProducer.NULL_LENGTH, 1));
        consumer.close();
        rawConsumer.close();
        rawProducer.close();
        assertThrows(IllegalStateException.class, () -> consumer.poll(SOON));
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void saysWhichRecordCannotBeDeserializedAndLetsOneSkipIt(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, String> text =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            text.send(null, "four");
            text.send(null, "poison");
            text.send(null, "five").join();
            Topic<String, Integer> numbers = broker.topic("t", Serdes.string(), Serdes.integer());

            try (Consumer<String, Integer> consumer = numbers.consumer()) {
                assertEquals(1, consumer.poll(SOON).size());
                SerializationException e = assertThrows(SerializationException.class, () -> consumer.poll(SOON));
                assertTrue(e.getMessage().contains("topic=t, partition=0, offset=1"), e::getMessage);
                assertThrows(SerializationException.class, () -> consumer.poll(SOON));
                consumer.seek(new TopicPartition("t", 0), 2);
                assertEquals(1, consumer.poll(SOON).size());
            }
        }
    }

    /** Several in one batch, which is compressed or not: each is met once, and everything between them is read. */
    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void poisonIsSkippedByWhatTheErrorSays(CompressionType compression) {
        Seams seams = Seams.system().withThreads(Threads.manual());
        try (Broker broker =
                Broker.open(ChronicleLog.at(directory.resolve("data")), BrokerSettings.defaults(), seams)) {
            Topic<String, String> text = broker.topic(
                    "t",
                    Serdes.string(),
                    Serdes.string(),
                    TopicSettings.partitions(3).withCompression(compression));
            for (int i = 0; i < 300; i++) {
                text.send(new ProducerRecord<>(i % 3, 0, null, i % 10 == 4 ? "poison" : "four", List.of()));
            }
            broker.doWork();
            Topic<String, Integer> numbers = broker.topic("t", Serdes.string(), Serdes.integer());
            List<String> poison = new ArrayList<>();
            int read = 0;

            try (Consumer<String, Integer> consumer = numbers.consumer()) {
                while (read + poison.size() < 300) {
                    try {
                        read += consumer.poll(Duration.ZERO).size();
                    } catch (RecordDeserializationException e) {
                        assertEquals("t", e.topicPartition().topic());
                        poison.add(e.topicPartition().partition() + "-" + e.offset());
                        consumer.seek(e.topicPartition(), e.offset() + 1);
                    }
                }
                assertEquals(List.of(), consumer.poll(Duration.ZERO));
            }

            assertEquals(270, read);
            assertEquals(
                    IntStream.range(0, 300)
                            .filter(i -> i % 10 == 4)
                            .mapToObj(i -> i % 3 + "-" + i / 3)
                            .sorted()
                            .toList(),
                    poison.stream().sorted().toList());
        }
    }

    @Test
    void refusesARecordWhoseSerializerFailsAndGoesOn() {
        Serde<String> failing = new Serde<>(
                (value, target, index) -> {
                    throw new IllegalStateException("no");
                },
                (source, index, length) -> "");
        try (Broker broker = Broker.inMemory()) {
            Topic<String, String> topic = broker.topic("t", failing, Serdes.string(), TopicSettings.partitions(1));

            SerializationException e = assertThrows(SerializationException.class, () -> topic.send("k", "v"));

            assertTrue(e.getMessage().contains("topic=t"), e::getMessage);
            assertEquals(0, topic.send(null, "v").join().offset());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void refusesAPositionOutsideThePartition(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            topic.send("k", "v").join();

            try (Consumer<String, String> consumer =
                    topic.consumer(ConsumerSettings.defaults().withAutoOffsetReset(AutoOffsetReset.none()))) {
                consumer.seek(new TopicPartition("t", 0), 2);
                OffsetOutOfRangeException e = assertThrows(OffsetOutOfRangeException.class, () -> consumer.poll(SOON));
                assertTrue(
                        e.getMessage().contains("position=2") && e.getMessage().contains("endOffset=1"));
                assertThrows(IllegalArgumentException.class, () -> consumer.seek(new TopicPartition("t", 0), -1));
                consumer.seek(new TopicPartition("t", 0), 0);
                assertEquals(1, consumer.poll(SOON).size());
            }
        }
    }

    @Test
    void tellsACallbackThatItCannotWaitForTheBroker() {
        try (Broker broker = Broker.inMemory()) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));

            List<Runnable> waits = List.of(
                    broker::close,
                    () -> broker.createTopic("u", TopicSettings.partitions(1)),
                    () -> topic.send("k", "v").join());
            for (Runnable wait : waits) {
                CompletableFuture<Void> callback = onDeliveryThread(topic, wait);

                CompletionException e = assertThrows(CompletionException.class, callback::join);
                assertEquals(IllegalStateException.class, e.getCause().getClass(), e::toString);
                assertTrue(e.getCause().getMessage().contains("callback"), e::toString);
            }

            assertEquals(Set.of("t"), broker.topics());
            topic.send("k", "v").join();
        }
    }

    /** Sends a record behind an open claim, so that its stage is there before it is appended. */
    private static CompletableFuture<Void> onDeliveryThread(Topic<String, String> topic, Runnable callback) {
        try (RawProducer holdingUp = topic.rawProducer(0)) {
            assertEquals(RawProducer.OK, holdingUp.claim(RawProducer.NULL_LENGTH, 1));
            return topic.send("k", "v").thenRun(callback);
        }
    }

    @Test
    void takesTheLongestTimesThatThereAre() {
        BrokerSettings forEver = BrokerSettings.defaults().withMaxBlock(Duration.ofSeconds(Long.MAX_VALUE));
        try (Broker broker = Broker.open(Storage.inMemory(), forEver)) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            topic.send("k", "v");
            try (Consumer<String, String> consumer = topic.consumer()) {
                assertEquals(
                        1, consumer.poll(Duration.ofSeconds(Long.MAX_VALUE)).size());
                assertEquals(
                        0, consumer.poll(Duration.ofSeconds(Long.MIN_VALUE)).size());
            }
        }
    }

    @Test
    void aThrowingCallbackStopsNothing() {
        try (Broker broker = Broker.inMemory()) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));

            List<CompletableFuture<Void>> callbacks = List.of(
                    topic.send("k", "1").thenRun(() -> {
                        throw new IllegalStateException("callback");
                    }),
                    topic.send("k", "2").thenRun(() -> Thread.currentThread().interrupt()));

            assertThrows(RuntimeException.class, () -> callbacks.get(0).join());
            callbacks.get(1).join();
            Thread.interrupted();
            assertEquals(2, topic.send("k", "3").join().offset());
            assertFalse(callbacks.get(1).isCompletedExceptionally());
        }
    }
}
