package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a consumer reads: whole topics as they grow and go, or the partitions it was given. */
class SubscriptionTest {
    private static final TopicPartition A0 = new TopicPartition("a", 0);
    private static final TopicPartition A1 = new TopicPartition("a", 1);
    private static final TopicPartition B0 = new TopicPartition("b", 0);

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void readsSeveralTopicsAndFollowsTheirGrowth(Engine engine) {
        try (Broker broker = open(engine);
                Consumer<String, String> consumer = consumer(broker)) {
            send(topic(broker, "a", 1), 0, "a0");
            send(topic(broker, "b", 1), 0, "b0");
            consumer.subscribe(List.of("a", "b", "a"));

            assertEquals(Set.of("a", "b"), consumer.subscription());
            assertEquals(Set.of(A0, B0), consumer.assignment());
            assertEquals(List.of("a0", "b0"), readAll(consumer));

            broker.alterTopic("a", now -> now.withPartitions(2));
            send(broker.topic("a", Serdes.string(), Serdes.string()), 1, "a1");
            assertEquals(Set.of(A0, A1, B0), consumer.assignment());
            assertEquals(List.of("a1"), readAll(consumer));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aChangedSubscriptionKeepsThePositionsOfWhatStays(Engine engine) {
        try (Broker broker = open(engine);
                Consumer<String, String> consumer = consumer(broker)) {
            send(topic(broker, "a", 1), 0, "a0");
            send(topic(broker, "b", 1), 0, "b0");
            topic(broker, "c", 1);
            consumer.subscribe(List.of("a", "c"));
            consumer.pause(consumer.assignment());
            consumer.seekToEnd();

            consumer.subscribe(List.of("a", "b"));

            assertEquals(Set.of(A0), consumer.paused());
            assertEquals(1, consumer.position(A0));
            assertEquals(List.of("b0"), readAll(consumer));
            assertThrows(IllegalStateException.class, () -> consumer.position(new TopicPartition("c", 0)));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void readsAssignedPartitionsOnlyAndDoesNotFollowGrowth(Engine engine) {
        try (Broker broker = open(engine);
                Consumer<String, String> consumer = consumer(broker)) {
            Topic<String, String> a = topic(broker, "a", 2);
            send(a, 0, "a0");
            send(a, 1, "a1");
            send(topic(broker, "b", 1), 0, "b0");
            consumer.assign(List.of(A1, B0));

            assertEquals(Set.of(), consumer.subscription());
            assertEquals(List.of("a1", "b0"), readAll(consumer));
            broker.alterTopic("a", now -> now.withPartitions(3));
            assertEquals(Set.of(A1, B0), consumer.assignment());

            consumer.assign(List.of(A0, A1));
            assertEquals(List.of("a0"), readAll(consumer));
            assertThrows(IllegalStateException.class, () -> consumer.seek(B0, 0));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void changesWhollyOrNotAtAll(Engine engine) {
        try (Broker broker = open(engine);
                Consumer<String, String> consumer = consumer(broker)) {
            send(topic(broker, "a", 1), 0, "a0");
            assertThrows(IllegalStateException.class, () -> consumer.poll(Duration.ZERO));
            consumer.subscribe(List.of("a"));

            assertThrows(UnknownTopicOrPartitionException.class, () -> consumer.subscribe(List.of("a", "b")));
            assertThrows(IllegalStateException.class, () -> consumer.assign(List.of(A0)));
            assertEquals(Set.of("a"), consumer.subscription());
            assertEquals(List.of("a0"), readAll(consumer));

            consumer.subscribe(List.of());
            assertEquals(Set.of(), consumer.assignment());
            assertThrows(IllegalStateException.class, () -> consumer.poll(Duration.ZERO));
            consumer.assign(List.of(A0));
            assertThrows(UnknownTopicOrPartitionException.class, () -> consumer.assign(List.of(A0, A1)));
            assertThrows(IllegalStateException.class, () -> consumer.subscribe(List.of("a")));
            assertEquals(Set.of(A0), consumer.assignment());
            assertEquals(List.of("a0"), readAll(consumer));

            consumer.assign(List.of());
            consumer.subscribe(List.of("a"));
            consumer.unsubscribe();
            assertEquals(Set.of(), consumer.subscription());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsOfADeletedTopicAndReadsTheOthersWithoutIt(Engine engine) {
        try (Broker broker = open(engine);
                Consumer<String, String> consumer = consumer(broker)) {
            topic(broker, "a", 1);
            Topic<String, String> b = topic(broker, "b", 1);
            consumer.subscribe(List.of("a", "b"));
            broker.deleteTopic("a");

            UnknownTopicOrPartitionException e =
                    assertThrows(UnknownTopicOrPartitionException.class, () -> consumer.poll(Duration.ZERO));
            assertTrue(e.getMessage().contains("a-0"), e::getMessage);
            send(b, 0, "b0");
            consumer.subscribe(List.of("b"));

            assertEquals(List.of("b0"), readAll(consumer));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void readsATopicFromItsStartThatTookTheNameOfAnother(Engine engine) {
        try (Broker broker = open(engine);
                Consumer<String, String> consumer = consumer(broker)) {
            Topic<String, String> old = topic(broker, "a", 1);
            send(old, 0, "old");
            consumer.subscribe(List.of("a"));
            assertEquals(List.of("old"), readAll(consumer));
            broker.deleteTopic("a");
            send(topic(broker, "a", 1), 0, "new");

            consumer.subscribe(List.of("a"));

            assertEquals(List.of("new"), readAll(consumer));
            assertThrows(UnknownTopicOrPartitionException.class, old::consumer);
            assertThrows(UnknownTopicOrPartitionException.class, () -> old.rawConsumer(0));
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void noPartitionStarvesTheOthers(Engine engine) {
        try (Broker broker = open(engine);
                Consumer<String, String> consumer = broker.consumer(
                        Serdes.string(),
                        Serdes.string(),
                        ConsumerSettings.defaults().withMaxPollRecords(10))) {
            for (int i = 0; i < 100; i++) {
                send(topic(broker, "a", 2), i % 2, "a");
                send(topic(broker, "b", 1), 0, "b");
            }
            consumer.subscribe(List.of("a", "b"));

            Set<TopicPartition> seen =
                    new TreeSet<>((left, right) -> left.toString().compareTo(right.toString()));
            for (int i = 0; i < 3; i++) {
                consumer.poll(Duration.ZERO).forEach(record -> seen.add(record.topicPartition()));
            }

            assertEquals(Set.of(A0, A1, B0), seen);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void createsWhatItSubscribesToWhereTheBrokerDoesThat(Engine engine) {
        try (Broker broker = open(engine, BrokerSettings.defaults().withAutoCreateTopics(true));
                Consumer<String, String> consumer = consumer(broker)) {
            consumer.subscribe(List.of("a"));

            assertEquals(Set.of("a"), broker.topics());
            assertEquals(Set.of(A0), consumer.assignment());
        }
    }

    private static List<String> readAll(Consumer<String, String> consumer) {
        List<String> values = new ArrayList<>();
        List<ConsumerRecord<String, String>> records = consumer.poll(Duration.ZERO);
        while (!records.isEmpty()) {
            records.forEach(record -> values.add(record.value()));
            records = consumer.poll(Duration.ZERO);
        }
        values.sort(null);
        return values;
    }

    private static void send(Topic<String, String> topic, int partition, String value) {
        topic.send(ProducerRecord.of("k", value).toPartition(partition)).join();
    }

    private static Topic<String, String> topic(Broker broker, String name, int partitions) {
        return broker.topic(name, Serdes.string(), Serdes.string(), TopicSettings.partitions(partitions));
    }

    private static Consumer<String, String> consumer(Broker broker) {
        return broker.consumer(Serdes.string(), Serdes.string(), ConsumerSettings.defaults());
    }

    private Broker open(Engine engine) {
        return open(engine, BrokerSettings.defaults());
    }

    private Broker open(Engine engine, BrokerSettings settings) {
        return Broker.open(
                engine.storage(directory),
                settings,
                new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    }
}
