package io.tidemill.groups.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.FencedOffsetException;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Members of a real group whose positions and results are committed together: each record counts exactly once. */
class GroupIntoDatabaseTest {
    private static final int SEEDS = 30;
    private static final int PARTITIONS = 3;
    private static final int RECORDS = 120;

    @Test
    void everyRecordCountsOnceWhateverMembersDo() throws SQLException {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (H2Database database = H2Database.inMemory();
                    Broker broker = Broker.inMemory()) {
                run(seed, broker, database);
            }
        }
    }

    private static void run(long seed, Broker broker, H2Database database) throws SQLException {
        SplittableRandom random = new SplittableRandom(seed);
        JdbcOffsetStore store = store(database);
        Topic<String, String> topic =
                broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(PARTITIONS));
        send(topic, RECORDS);
        List<ConsumerGroup<String, String>> members = new ArrayList<>();
        int counted = 0;
        for (int step = 0; counted < RECORDS; step++) {
            assertTrue(step < 10_000, "seed=" + seed + ", counted=" + counted);
            if (members.isEmpty() || (members.size() < 3 && random.nextInt(20) == 0)) {
                members.add(ConsumerGroup.join(topic, "g", settings(store)));
            } else if (random.nextInt(20) == 0) {
                members.remove(random.nextInt(members.size())).close();
            }
            if (!members.isEmpty()) {
                counted += pollAndSave(members.get(random.nextInt(members.size())), store, database, random);
            }
        }
        members.forEach(ConsumerGroup::close);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            List<Long> onceEach =
                    LongStream.range(0, RECORDS / PARTITIONS).boxed().toList();
            assertEquals(onceEach, database.results(new TopicPartition("t", partition)), "seed=" + seed);
        }
    }

    /** How many were committed: all that were polled, or none. */
    private static int pollAndSave(
            ConsumerGroup<String, String> member, JdbcOffsetStore store, H2Database database, SplittableRandom random)
            throws SQLException {
        List<ConsumerRecord<String, String>> records = member.poll(Duration.ZERO);
        if (records.isEmpty()) {
            return 0;
        }
        try (Connection connection = database.begin()) {
            insert(connection, records);
            store.save(connection, member.owner(), member.positions());
            if (random.nextInt(5) == 0) {
                // It failed after it had saved: the same records come again.
                connection.rollback();
                records.forEach(record -> member.seek(
                        record.topicPartition(), Math.min(record.offset(), member.position(record.topicPartition()))));
                return 0;
            }
            connection.commit();
            return records.size();
        }
    }

    @Test
    void aMemberThatOthersTookOverFromCannotSave() throws SQLException {
        try (H2Database database = H2Database.inMemory();
                Broker broker = Broker.inMemory()) {
            JdbcOffsetStore store = store(database);
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(PARTITIONS));
            send(topic, 30);
            GroupSettings brief = settings(store).withMaxPollInterval(Duration.ofNanos(1));
            try (ConsumerGroup<String, String> zombie = ConsumerGroup.join(topic, "g", brief)) {
                List<ConsumerRecord<String, String>> records = zombie.poll(Duration.ZERO);
                try (ConsumerGroup<String, String> next = ConsumerGroup.join(topic, "g", settings(store));
                        Connection connection = database.begin()) {
                    insert(connection, records);
                    assertEquals(PARTITIONS, next.assignment().size());

                    assertThrows(
                            FencedOffsetException.class,
                            () -> store.save(connection, zombie.owner(), zombie.positions()));

                    connection.rollback();
                    assertEquals(0, next.position(new TopicPartition("t", 0)));
                }
                assertThrows(IllegalStateException.class, zombie::commit);
            }
        }
    }

    @Test
    void goesOnBehindWhatWasSavedAndBeginsAnewInATopicThatWasCreatedAgain() throws SQLException {
        try (H2Database database = H2Database.inMemory();
                Broker broker = Broker.inMemory()) {
            JdbcOffsetStore store = store(database);
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            send(topic, 10);
            TopicPartition t0 = new TopicPartition("t", 0);
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic, "g", settings(store))) {
                save(database, store, member, Map.of(t0, 4L));
            }
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic, "g", settings(store))) {
                assertEquals(4, member.position(t0));
                broker.deleteTopic("t");
                Topic<String, String> again =
                        broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
                send(again, 1);
                assertEquals(0, member.poll(Duration.ofSeconds(10)).get(0).offset());
                save(database, store, member, Map.of(t0, 1L));
            }
            try (ConsumerGroup<String, String> member =
                    ConsumerGroup.join(broker.topic("t", Serdes.string(), Serdes.string()), "g", settings(store))) {
                assertEquals(1, member.position(t0));
            }
        }
    }

    private static JdbcOffsetStore store(H2Database database) {
        JdbcOffsetStore store = JdbcOffsetStore.of(database.dataSource());
        store.createTableIfMissing();
        return store;
    }

    private static void save(
            H2Database database,
            JdbcOffsetStore store,
            ConsumerGroup<String, String> member,
            Map<TopicPartition, Long> nextOffsets)
            throws SQLException {
        try (Connection connection = database.begin()) {
            store.save(connection, member.owner(), nextOffsets);
            connection.commit();
        }
    }

    private static GroupSettings settings(JdbcOffsetStore store) {
        return GroupSettings.defaults()
                .withCommits(CommitPolicy.into(store))
                .withConsumer(ConsumerSettings.defaults().withMaxPollRecords(7));
    }

    private static void send(Topic<String, String> topic, int count) {
        int partitions = topic.settings().partitions();
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sent.add(topic.send(ProducerRecord.<String, String>of(null, "v").toPartition(i % partitions)));
        }
        sent.forEach(CompletableFuture::join);
    }

    private static void insert(Connection connection, List<ConsumerRecord<String, String>> records)
            throws SQLException {
        for (ConsumerRecord<String, String> record : records) {
            H2Database.insertResult(connection, record.topicPartition(), record.offset());
        }
    }
}
