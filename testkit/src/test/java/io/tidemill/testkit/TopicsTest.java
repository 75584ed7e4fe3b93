package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicDescription;
import io.tidemill.TopicDescription.PartitionDescription;
import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import io.tidemill.TopicSettings.Source;
import io.tidemill.errors.InvalidRecordException;
import io.tidemill.errors.TidemillException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** B02, B05: topics are described, altered, grown and deleted, and all of that survives; on every engine. */
class TopicsTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void describesATopic(Engine engine) {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, String> topic =
                    open(broker, TopicSettings.partitions(2).with("retention.ms", "5000"));
            topic.send(ProducerRecord.of("t", "v").toPartition(1)).join();

            TopicDescription description = broker.describeTopic("t");

            assertEquals("t", description.name());
            assertEquals(topic.settings(), description.settings());
            assertEquals(
                    List.of(new PartitionDescription(0, 0, 0), new PartitionDescription(1, 0, 1)),
                    description.partitions());
            assertEquals(Source.TOPIC, description.settings().source(TopicSetting.RETENTION_MS));
            assertEquals(Source.DEFAULT, description.settings().source(TopicSetting.SEGMENT_BYTES));
            assertThrows(UnknownTopicOrPartitionException.class, () -> broker.describeTopic("u"));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void altersWhatHandlesSeeAndKeepsIt(Engine engine) {
        Storage storage = engine.storage(directory);
        UUID id;
        try (Broker broker = Broker.open(storage)) {
            Topic<String, String> topic = open(broker, TopicSettings.partitions(1));
            id = broker.describeTopic("t").id();
            topic.send(null, "no key").join();

            broker.alterTopic(
                    "t",
                    now -> now.withCleanup(CleanupSettings.of(CleanupPolicy.COMPACT))
                            .withMaxMessageBytes(2_000));

            assertThrows(InvalidRecordException.class, () -> topic.send(null, "no key"));
            assertThrows(TidemillException.class, () -> topic.send("k", "x".repeat(2_000)));
            topic.send("k", "v").join();

            broker.alterTopic(
                    "t", now -> now.without(TopicSetting.CLEANUP_POLICY).withRetention(Duration.ofDays(1)));

            topic.send(null, "no key").join();
        }
        try (Broker broker = Broker.open(storage)) {
            TopicDescription description = broker.describeTopic("t");
            assertEquals(id, description.id());
            assertEquals("86400000", description.settings().get(TopicSetting.RETENTION_MS));
            assertEquals(2_000, description.settings().maxMessageBytes());
            assertEquals(Source.DEFAULT, description.settings().source(TopicSetting.CLEANUP_POLICY));
            assertEquals(3, description.partitions().get(0).endOffset());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void growsUnderProducersAndConsumers(Engine engine) {
        Storage storage = engine.storage(directory);
        try (Broker broker = Broker.open(storage)) {
            Topic<String, String> topic = open(broker, TopicSettings.partitions(1));
            try (Consumer<String, String> consumer = topic.consumer()) {
                topic.send("k", "before").join();
                assertEquals(List.of("before"), values(consumer, 1));

                broker.alterTopic("t", now -> now.withPartitions(3));

                topic.send(ProducerRecord.of("k", "after").toPartition(2)).join();
                assertEquals(List.of("after"), values(consumer, 1));
                topic.rawProducer(1).close();
                assertThrows(
                        IllegalArgumentException.class, () -> broker.alterTopic("t", now -> now.withPartitions(2)));
            }
        }
        try (Broker broker = Broker.open(storage)) {
            assertEquals(3, broker.describeTopic("t").partitions().size());
            assertEquals(1, broker.describeTopic("t").partitions().get(2).endOffset());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void wakesAConsumerThatWaitsForTheFirstRecordOfANewPartition(Engine engine) throws Exception {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            Topic<String, String> topic = open(broker, TopicSettings.partitions(1));
            try (Consumer<String, String> consumer = topic.consumer()) {
                CompletableFuture<List<String>> read = CompletableFuture.supplyAsync(() -> values(consumer, 1));

                broker.alterTopic("t", now -> now.withPartitions(2));
                topic.send(ProducerRecord.of("k", "v").toPartition(1)).join();

                assertEquals(List.of("v"), read.get());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void deletesATopicAndFreesItsName(Engine engine) {
        Storage storage = engine.storage(directory);
        try (Broker broker = Broker.open(storage)) {
            Topic<String, String> old = open(broker, TopicSettings.partitions(3));
            UUID oldId = broker.describeTopic("t").id();
            RawProducer producer = old.rawProducer(0);
            Consumer<String, String> consumer = old.consumer();
            for (int i = 0; i < 100; i++) {
                old.send("k" + i, "old").join();
            }

            broker.deleteTopic("t");

            assertEquals(Set.of(), broker.topics());
            assertThrows(UnknownTopicOrPartitionException.class, () -> open(broker));
            assertThrows(UnknownTopicOrPartitionException.class, () -> old.send("k", "v"));
            assertThrows(UnknownTopicOrPartitionException.class, () -> producer.claim(-1, 10));
            assertThrows(UnknownTopicOrPartitionException.class, () -> consumer.poll(SOON));
            assertThrows(UnknownTopicOrPartitionException.class, () -> broker.deleteTopic("t"));
            consumer.close();
            producer.close();

            Topic<String, String> again = open(broker, TopicSettings.partitions(2));
            assertNotEquals(oldId, broker.describeTopic("t").id());
            assertEquals(0, again.send("k", "new").join().offset());
            assertThrows(UnknownTopicOrPartitionException.class, () -> old.send("k", "v"));
        }
        try (Broker broker = Broker.open(storage);
                Consumer<String, String> consumer = open(broker).consumer()) {
            assertEquals(List.of("new"), values(consumer, 1));
        }
    }

    /** What is deleted while somebody sends is refused or was written; nobody waits for ever. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void answersEverySendOfATopicThatIsDeletedMeanwhile(Engine engine) throws Exception {
        try (Broker broker = Broker.open(engine.storage(directory))) {
            for (int round = 0; round < 20; round++) {
                Topic<String, String> topic = open(broker, TopicSettings.partitions(2));
                AtomicBoolean isRefused = new AtomicBoolean();
                CompletableFuture<List<CompletableFuture<?>>> sender = CompletableFuture.supplyAsync(() -> {
                    List<CompletableFuture<?>> sends = new ArrayList<>();
                    while (!isRefused.get()) {
                        try {
                            sends.add(topic.send("k" + sends.size(), "v"));
                        } catch (UnknownTopicOrPartitionException e) {
                            isRefused.set(true);
                        }
                    }
                    return sends;
                });
                while (broker.describeTopic("t").partitions().get(0).endOffset() == 0) {
                    Thread.onSpinWait();
                }

                broker.deleteTopic("t");

                for (CompletableFuture<?> send : sender.get()) {
                    try {
                        send.orTimeout(SOON.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                                .join();
                    } catch (CompletionException e) {
                        assertEquals(
                                UnknownTopicOrPartitionException.class,
                                e.getCause().getClass());
                    }
                }
            }
        }
    }

    /** A broker that ended right after the event that a topic is gone. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void deletesWhatWasLeftOfADeletedTopic(Engine engine) {
        Storage storage = engine.storage(directory);
        try (Broker broker = Broker.open(storage)) {
            open(broker, TopicSettings.partitions(1));
            broker.createTopic("kept", TopicSettings.partitions(1));
            broker.deleteTopic("t");
        }
        try (LogStore store = storage.open(Seams.system().clock());
                PartitionLog log = store.openLog("t-0", LogSettings.defaults())) {
            assertEquals(0, log.endOffset());
        }

        Broker.open(storage).close();

        try (LogStore store = storage.open(Seams.system().clock())) {
            assertEquals(Set.of("__cluster_metadata-0", "kept-0"), store.logNames());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void setsDefaultsForAllTopicsAndCreatesThemIfAsked(Engine engine) {
        Storage storage = engine.storage(directory);
        BrokerSettings settings = BrokerSettings.defaults()
                .withTopicDefaults(TopicSettings.partitions(4).withRetention(Duration.ofHours(1)))
                .withAutoCreateTopics(true);
        try (Broker broker = Broker.open(storage, settings)) {
            TopicSettings created = open(broker).settings();

            assertEquals(4, created.partitions());
            assertEquals(Source.BROKER, created.source(TopicSetting.RETENTION_MS));
            assertEquals("3600000", created.get(TopicSetting.RETENTION_MS));
        }
        try (Broker broker = Broker.open(storage)) {
            assertEquals(Source.DEFAULT, open(broker).settings().source(TopicSetting.RETENTION_MS));
            assertThrows(
                    UnknownTopicOrPartitionException.class, () -> broker.topic("u", Serdes.string(), Serdes.string()));
        }
    }

    @Test
    void refusesUnknownAndIllTypedSettingsAndSaysWhichOneMayBeMeant() {
        TopicSettings settings = TopicSettings.partitions(1);

        String unknown = assertThrows(IllegalArgumentException.class, () -> settings.with("retention.mss", "1"))
                .getMessage();
        String illTyped = assertThrows(IllegalArgumentException.class, () -> settings.with("retention.ms", "1h"))
                .getMessage();

        assertTrue(unknown.contains("did you mean retention.ms?"), unknown);
        assertTrue(illTyped.contains("retention.ms must be a whole number: retention.ms=1h"), illTyped);
        assertThrows(IllegalArgumentException.class, () -> settings.with("retention.ms", "-2"));
        assertThrows(IllegalArgumentException.class, () -> settings.with("cleanup.policy", "shred"));
        assertThrows(IllegalArgumentException.class, () -> settings.with("max.message.bytes", "5000000000"));
        assertThrows(IllegalArgumentException.class, () -> settings.with("max.message.bytes", "-4294965248"));
    }

    @Test
    void takesWhatCountsInAClusterOnly() {
        try (Broker broker = Broker.inMemory()) {
            TopicSettings settings = TopicSettings.partitions(1)
                    .withReplicationFactor(3)
                    .withMinInsyncReplicas(2)
                    .with("unclean.leader.election.enable", "true");
            Topic<String, String> topic = open(broker, settings);

            topic.send("k", "v").join();

            assertEquals(settings, broker.describeTopic("t").settings());
            assertTrue(topic.settings().isUncleanLeaderElectionEnabled());
            assertEquals(3, topic.settings().replicationFactor());
            assertEquals(2, topic.settings().minInsyncReplicas());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "replication.factor, 0",
        "replication.factor, -2",
        "replication.factor, 32768",
        "replication.factor, many",
        "min.insync.replicas, 0",
        "unclean.leader.election.enable, maybe"
    })
    void refusesWhatNoClusterCouldDo(String key, String value) {
        TopicSettings settings = TopicSettings.partitions(1);

        String message = assertThrows(IllegalArgumentException.class, () -> settings.with(key, value))
                .getMessage();

        assertTrue(message.contains(key + "=" + value), message);
    }

    private static Topic<String, String> open(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }

    private static Topic<String, String> open(Broker broker) {
        return broker.topic("t", Serdes.string(), Serdes.string());
    }

    private static List<String> values(Consumer<String, String> consumer, int count) {
        List<String> values = new ArrayList<>();
        while (values.size() < count) {
            List<ConsumerRecord<String, String>> records = consumer.poll(SOON);
            assertTrue(!records.isEmpty(), "only " + values);
            records.forEach(record -> values.add(record.value()));
        }
        return values;
    }
}
