package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.Header;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C04: by whichever means a consumer goes back, it reads the same bytes again. */
class SeekTest {
    private static final long SEED = 11;
    private static final int RECORDS = 1_500;
    private static final TopicPartition FIRST = new TopicPartition("t", 0);
    private static final TopicPartition SECOND = new TopicPartition("t", 1);

    private final RandomGenerator random = new SplittableRandom(SEED);
    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aSecondReadFromAnywhereReturnsTheSameBytes(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<byte[], byte[]> topic = fill(broker);
            try (Consumer<byte[], byte[]> consumer = topic.consumer()) {
                Map<TopicPartition, List<List<Object>>> first = readToEnd(consumer);
                assertEquals(
                        RECORDS, first.get(FIRST).size() + first.get(SECOND).size());

                consumer.seekToBeginning();
                assertEquals(first, readToEnd(consumer));
                for (int i = 0; i < 40; i++) {
                    long from0 = random.nextLong(first.get(FIRST).size() + 1);
                    long from1 = random.nextLong(first.get(SECOND).size() + 1);
                    seek(consumer, i % 3, from0, from1, first);

                    assertEquals(from0, consumer.position(FIRST), "seed=" + SEED);
                    assertEquals(from1, consumer.position(SECOND), "seed=" + SEED);
                    Map<TopicPartition, List<List<Object>>> again = readToEnd(consumer);
                    assertEquals(tail(first, FIRST, from0), again.getOrDefault(FIRST, List.of()), "seed=" + SEED);
                    assertEquals(tail(first, SECOND, from1), again.getOrDefault(SECOND, List.of()), "seed=" + SEED);
                }
            }
        }
    }

    /** By offset, by time, or by one of the ends and an offset. Times of the records rise with their offsets here. */
    private static void seek(
            Consumer<byte[], byte[]> consumer,
            int means,
            long from0,
            long from1,
            Map<TopicPartition, List<List<Object>>> content) {
        switch (means) {
            case 0 -> {
                consumer.seek(FIRST, from0);
                consumer.seek(SECOND, from1);
            }
            case 1 -> {
                Map<TopicPartition, Instant> times = new HashMap<>();
                times.put(FIRST, timeOf(content.get(FIRST), from0));
                times.put(SECOND, timeOf(content.get(SECOND), from1));
                consumer.seekToEnd();
                consumer.offsetsForTimes(times).forEach(consumer::seek);
            }
            default -> {
                consumer.seekToBeginning(Set.of(FIRST));
                consumer.seekToEnd(Set.of(SECOND));
                consumer.seek(FIRST, consumer.position(FIRST) + from0);
                consumer.seek(SECOND, from1);
            }
        }
    }

    private static Instant timeOf(List<List<Object>> records, long offset) {
        return offset == records.size()
                ? Instant.ofEpochMilli(Long.MAX_VALUE)
                : Instant.ofEpochMilli((long) records.get((int) offset).get(1));
    }

    private static List<List<Object>> tail(
            Map<TopicPartition, List<List<Object>>> content, TopicPartition partition, long from) {
        List<List<Object>> records = content.get(partition);
        return records.subList((int) from, records.size());
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void seeksSomePartitionsAndLeavesTheOthers(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<byte[], byte[]> topic = fill(broker);
            try (Consumer<byte[], byte[]> consumer = topic.consumer()) {
                consumer.seek(FIRST, 7);
                consumer.seek(SECOND, 8);

                consumer.seekToEnd(List.of(FIRST));
                assertEquals(List.of(ends(consumer).get(FIRST), 8L), positions(consumer));
                consumer.seekToBeginning(List.of(SECOND));
                assertEquals(List.of(ends(consumer).get(FIRST), 0L), positions(consumer));
                consumer.seekToBeginning(List.of());
                assertEquals(List.of(0L, 0L), positions(consumer));
                assertThrows(
                        IllegalStateException.class,
                        () -> consumer.seekToEnd(List.of(FIRST, new TopicPartition("t", 2))));
                assertEquals(List.of(0L, 0L), positions(consumer));
                consumer.seekToTime(Instant.EPOCH.plusMillis(Long.MAX_VALUE));
                assertEquals(List.of(ends(consumer).get(FIRST), ends(consumer).get(SECOND)), positions(consumer));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void tellsWhereThingsAreWithoutMoving(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<byte[], byte[]> topic = fill(broker);
            broker.createTopic("other", TopicSettings.partitions(1));
            TopicPartition other = new TopicPartition("other", 0);
            try (Consumer<byte[], byte[]> consumer = topic.consumer()) {
                consumer.seek(FIRST, 7);

                assertEquals(Map.of(FIRST, 0L, other, 0L), consumer.beginningOffsets(List.of(FIRST, other)));
                Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(FIRST, SECOND, other));
                assertEquals(0, ends.get(other));
                assertEquals(RECORDS, ends.get(FIRST) + ends.get(SECOND));
                Instant never = Instant.ofEpochMilli(Long.MAX_VALUE);
                assertEquals(
                        Map.of(FIRST, 0L),
                        consumer.offsetsForTimes(Map.of(FIRST, Instant.EPOCH, SECOND, never, other, Instant.EPOCH)));
                assertEquals(7, consumer.position(FIRST));
                assertEquals(ends.get(FIRST) - 7, consumer.lag(FIRST));
                consumer.seekToEnd();
                assertEquals(0, consumer.lag(FIRST));

                for (TopicPartition missing : List.of(new TopicPartition("t", 2), new TopicPartition("u", 0))) {
                    assertThrows(UnknownTopicOrPartitionException.class, () -> consumer.endOffsets(List.of(missing)));
                    assertThrows(
                            UnknownTopicOrPartitionException.class, () -> consumer.beginningOffsets(List.of(missing)));
                    assertThrows(
                            UnknownTopicOrPartitionException.class,
                            () -> consumer.offsetsForTimes(Map.of(missing, Instant.EPOCH)));
                }
            }
        }
    }

    private static List<Long> positions(Consumer<?, ?> consumer) {
        return List.of(consumer.position(FIRST), consumer.position(SECOND));
    }

    private static Map<TopicPartition, Long> ends(Consumer<?, ?> consumer) {
        return consumer.endOffsets(List.of(FIRST, SECOND));
    }

    /** Records with everything a record may have, in several files. */
    private Topic<byte[], byte[]> fill(Broker broker) {
        Topic<byte[], byte[]> topic = broker.topic(
                "t",
                Serdes.bytes(),
                Serdes.bytes(),
                TopicSettings.partitions(2).withUnlimitedRetention().withSegmentBytes(16 * 1024));
        for (int i = 0; i < RECORDS - 1; i++) {
            topic.send(new ProducerRecord<>(
                    random.nextInt(2), 10L * i, bytes(), bytes(), List.of(new Header("h", bytes()))));
            if (random.nextInt(20) == 0) {
                broker.doWork();
            }
        }
        topic.send(new ProducerRecord<>(0, 10L * RECORDS, null, null, List.of()))
                .join();
        return topic;
    }

    private byte[] bytes() {
        int length = random.nextInt(-1, 100);
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** By partition, all that a record is, in a form that is equal when the bytes are. */
    private static Map<TopicPartition, List<List<Object>>> readToEnd(Consumer<byte[], byte[]> consumer) {
        Map<TopicPartition, List<List<Object>>> content = new HashMap<>();
        List<ConsumerRecord<byte[], byte[]>> records = consumer.poll(Duration.ZERO);
        while (!records.isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                List<Object> parts = new ArrayList<>();
                parts.add(record.offset());
                parts.add(record.timestamp());
                parts.add(comparable(record.key()));
                parts.add(comparable(record.value()));
                for (Header header : record.headers()) {
                    parts.add(header.key());
                    parts.add(comparable(header.value()));
                }
                content.computeIfAbsent(record.topicPartition(), partition -> new ArrayList<>())
                        .add(parts);
            }
            records = consumer.poll(Duration.ZERO);
        }
        return content;
    }

    private static Object comparable(byte[] bytes) {
        return bytes == null ? "null" : ByteBuffer.wrap(bytes);
    }

    private Broker open(Engine engine) {
        return Broker.open(
                engine.storage(directory),
                BrokerSettings.defaults(),
                new Seams(clock, clock, new SplittableRandom(SEED), Threads.manual()));
    }
}
