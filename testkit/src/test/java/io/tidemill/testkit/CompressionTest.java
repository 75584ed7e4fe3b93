package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.CompressionType;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.Header;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.RecordTooLargeException;
import io.tidemill.errors.TopicExistsException;
import io.tidemill.log.ChronicleLog;
import io.tidemill.log.DumpVisitor;
import io.tidemill.log.Verification;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumer.RecordHandler;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** P02: a compressed topic is like any other, to all who read it. */
class CompressionTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final long SEED = 22;
    private static final Duration CHECK = Duration.ofMinutes(5);
    private static final CompressionType[] TYPES = CompressionType.values();
    /** What storage on disk takes, which takes less than memory. */
    private static final int BATCH_BYTES_MAX = 4 * 1024 * 1024 - 4 * 1024;

    private static final int OVERHEAD_BYTES = 64 + 24;

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    static Stream<Arguments> typesAndEngines() {
        return Stream.of(TYPES).flatMap(type -> Stream.of(Engine.values()).map(engine -> Arguments.of(type, engine)));
    }

    @ParameterizedTest
    @MethodSource("typesAndEngines")
    void givesBackWhateverWasSentAlsoAfterARestart(CompressionType type, Engine engine) {
        Storage storage = engine.storage(directory);
        List<ProducerRecord<byte[], byte[]>> sent = anyRecords();
        try (Broker broker = open(storage)) {
            Topic<byte[], byte[]> topic = bytes(broker, settings(type));
            sendInBatches(broker, topic, sent);
            assertContent(sent, topic);
        }
        try (Broker broker = open(storage)) {
            Topic<byte[], byte[]> topic = bytes(broker, settings(type));
            assertEquals(type, topic.settings().compression());
            assertContent(sent, topic);
        }
    }

    @ParameterizedTest
    @MethodSource("typesAndEngines")
    void readsWhatWasWrittenBeforeTheSettingWasAnother(CompressionType type, Engine engine) {
        Storage storage = engine.storage(directory);
        List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
        try (Broker broker = open(storage)) {
            Topic<byte[], byte[]> topic = bytes(broker, settings(type));
            for (CompressionType next :
                    List.of(type, CompressionType.GZIP, CompressionType.NONE, CompressionType.LZ4)) {
                broker.alterTopic("t", now -> now.withCompression(next));
                List<ProducerRecord<byte[], byte[]>> more = anyRecords();
                sendInBatches(broker, topic, more);
                sent.addAll(more);
            }
            assertContent(sent, topic);
            assertEveryOffsetIsFound(sent, topic);
        }
        try (Broker broker = open(storage)) {
            assertContent(sent, broker.topic("t", Serdes.bytes(), Serdes.bytes()));
        }
    }

    private static void assertEveryOffsetIsFound(
            List<ProducerRecord<byte[], byte[]>> sent, Topic<byte[], byte[]> topic) {
        try (Consumer<byte[], byte[]> consumer = topic.consumer()) {
            for (int offset = sent.size() - 1; offset >= 0; offset -= 13) {
                consumer.seek(PARTITION, offset);
                ConsumerRecord<byte[], byte[]> record =
                        consumer.poll(Duration.ZERO).get(0);
                assertEquals(offset, record.offset());
                assertArrayEquals(sent.get(offset).value(), record.value());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("typesAndEngines")
    void takesTheLargestBatchAndNothingLargerHoweverSmallItWouldBecome(CompressionType type, Engine engine) {
        try (Broker broker = open(engine.storage(directory))) {
            Topic<byte[], byte[]> topic = bytes(broker, settings(type).withMaxMessageBytes(BATCH_BYTES_MAX));
            byte[] largest = new byte[BATCH_BYTES_MAX - OVERHEAD_BYTES];
            largest[largest.length - 1] = 1;

            CompletableFuture<?> accepted = topic.send(null, largest);
            CompletableFuture<?> refused = sendCaught(topic, new byte[largest.length + 1]);
            broker.doWork();

            accepted.join();
            assertTrue(refused.isCompletedExceptionally());
            assertArrayEquals(largest, TopicContent.of(topic).get(0).value());
        }
    }

    private static CompletableFuture<?> sendCaught(Topic<byte[], byte[]> topic, byte[] value) {
        try {
            return topic.send(null, value);
        } catch (RecordTooLargeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @ParameterizedTest
    @MethodSource("typesAndEngines")
    void findsTimes(CompressionType type, Engine engine) {
        RandomGenerator random = new SplittableRandom(SEED);
        try (Broker broker = open(engine.storage(directory))) {
            Topic<byte[], byte[]> topic = bytes(broker, settings(type));
            List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                sent.add(new ProducerRecord<>(0, 10L * i + random.nextInt(300), null, new byte[100], List.of()));
            }
            sendInBatches(broker, topic, sent);

            try (RawConsumer raw = topic.rawConsumer(0);
                    Consumer<byte[], byte[]> consumer = topic.consumer()) {
                for (int i = 0; i < 200; i++) {
                    long sought = random.nextLong(0, 20_500);
                    int first = 0;
                    while (first < sent.size() && sent.get(first).timestamp() < sought) {
                        first++;
                    }
                    raw.seekToTime(sought);
                    consumer.seekToTime(Instant.ofEpochMilli(sought));

                    assertEquals(first, raw.position(), "seed=" + SEED + ", sought=" + sought);
                    assertEquals(first, consumer.position(PARTITION));
                }
                raw.seekToMaxTime();
                long max =
                        sent.stream().mapToLong(ProducerRecord::timestamp).max().orElseThrow();
                raw.poll(record -> assertEquals(max, record.timestamp()), 1);
            }
        }
    }

    /** Batches of all codecs in turn, and several records of a key in each. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void compactsWhatIsCompressed(Engine engine) {
        Storage storage = engine.storage(directory);
        TopicSettings compacted = TopicSettings.partitions(1)
                .withSegmentBytes(16 * 1024)
                .withCleanup(new CleanupSettings(CleanupPolicy.COMPACT, 0, 0, CHECK.toMillis()));
        Map<String, String> last = new HashMap<>();
        try (Broker broker = open(storage)) {
            Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string(), compacted);
            for (int batch = 0; batch < 400; batch++) {
                CompressionType type = TYPES[batch % TYPES.length];
                if (batch % 7 == 0) {
                    broker.alterTopic("t", now -> now.withCompression(type));
                }
                for (int i = 0; i < 30; i++) {
                    String key = "key-" + i % 20 + (i == 29 ? "-" + batch % 50 : "");
                    String value = batch % 3 == 0 && i == 7 ? null : "value " + batch + " " + i + "x".repeat(60);
                    topic.send(key, value);
                    last.put(key, value);
                }
                while (broker.doWork() > 0) {
                    // until all of it is one batch
                }
            }
            int before = TopicContent.of(topic).size();

            clock.advance(CHECK);
            while (broker.doWork() > 0) {
                // until the partition was looked at
            }

            List<ConsumerRecord<String, String>> left = TopicContent.of(topic);
            assertTrue(left.size() < before / 4, "left=" + left.size() + ", before=" + before);
            assertLast(last, left);
        }
        try (Broker broker = open(storage)) {
            assertLast(last, TopicContent.of(broker.topic("t", Serdes.string(), Serdes.string())));
        }
        if (storage instanceof ChronicleLog log) {
            assertEquals(List.of(), log.verify().findings());
            // What was compressed is so again.
            assertTrue(batchesByCodec(log).keySet().containsAll(List.of(0, 1, 3, 4)));
        }
    }

    private static void assertLast(Map<String, String> last, List<ConsumerRecord<String, String>> left) {
        Map<String, String> read = new HashMap<>();
        left.forEach(record -> read.put(record.key(), record.value()));
        assertEquals(last, read);
        long nextOffset = 0;
        for (ConsumerRecord<String, String> record : left) {
            assertTrue(record.offset() >= nextOffset);
            nextOffset = record.offset() + 1;
        }
    }

    @ParameterizedTest
    @MethodSource("typesAndEngines")
    void forgetsWhatIsTooMuch(CompressionType type, Engine engine) {
        try (Broker broker = open(engine.storage(directory))) {
            Topic<byte[], byte[]> topic = bytes(broker, settings(type).withRetentionBytes(16 * 1024));
            List<ProducerRecord<byte[], byte[]>> last = anyRecords();
            for (int i = 0; i < 6; i++) {
                sendInBatches(broker, topic, last);
            }
            clock.advance(CHECK);
            broker.doWork();

            List<ConsumerRecord<byte[], byte[]>> left = TopicContent.of(topic);

            long startOffset = broker.describeTopic("t").partitions().get(0).startOffset();
            assertTrue(startOffset > 0);
            assertEquals(startOffset, left.get(0).offset());
            assertEquals(6 * last.size() - startOffset, left.size());
            assertArrayEquals(
                    last.get(last.size() - 1).value(), left.get(left.size() - 1).value());
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void isShownAndVerifiedAndFollowedFromOutside(CompressionType type) {
        ChronicleLog log = ChronicleLog.at(directory.resolve("data"));
        List<ProducerRecord<byte[], byte[]>> sent = anyRecords();
        try (Broker broker = open(log);
                Broker follower = open(log.readOnly())) {
            Topic<byte[], byte[]> topic = bytes(broker, settings(type));
            Topic<byte[], byte[]> followed = follower.topic("t", Serdes.bytes(), Serdes.bytes());
            sendInBatches(broker, topic, sent);
            clock.advance(Duration.ofSeconds(1));
            while (follower.doWork() > 0) {
                // until it has found everything
            }

            assertContent(sent, followed);
        }
        Verification verification = log.verify();
        assertEquals(List.of(), verification.findings());
        assertTrue(verification.records() >= sent.size());
        List<byte[]> values = new ArrayList<>();
        log.dump("t-0", 0, new DumpVisitor() {
            @Override
            public Next onBatch(Batch batch) {
                return Next.RECORDS;
            }

            @Override
            public Next onRecord(Entry entry) {
                values.add(entry.value());
                return Next.RECORDS;
            }

            @Override
            public void onDamage(Verification.Finding finding) {
                throw new AssertionError(finding.toString());
            }
        });
        assertEquals(sent.size(), values.size());
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(sent.get(i).value(), values.get(i));
        }
        assertTrue(batchesByCodec(log).containsKey((int) type.id()));
    }

    private static Map<Integer, Integer> batchesByCodec(ChronicleLog log) {
        Map<Integer, Integer> counts = new TreeMap<>();
        log.dump("t-0", 0, batch -> {
            counts.merge(batch.codec(), 1, Integer::sum);
            return DumpVisitor.Next.BATCH;
        });
        return counts;
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    void takesLessRoom(CompressionType type) {
        ChronicleLog log = ChronicleLog.at(directory.resolve("data"));
        try (Broker broker = open(log)) {
            Topic<byte[], byte[]> topic = bytes(broker, settings(type));
            for (int i = 0; i < 1_000; i++) {
                topic.send(null, ("{\"vehicle\":\"vehicle-" + i % 10 + "\",\"speed\":" + i % 77 + "}").getBytes());
            }
            broker.doWork();
        }
        long[] bytes = new long[1];
        log.dump("t-0", 0, batch -> {
            bytes[0] += batch.bytes();
            return DumpVisitor.Next.BATCH;
        });
        assertTrue(bytes[0] < 1_000 * 64 / 3, "bytes=" + bytes[0]);
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    void givesRightRecordsOrAnErrorWhicheverBitFlips(CompressionType type) throws IOException {
        ChronicleLog log = ChronicleLog.at(directory.resolve("data"));
        List<ProducerRecord<byte[], byte[]>> sent = anyRecords();
        try (Broker broker = open(log)) {
            sendInBatches(broker, bytes(broker, settings(type).withSegmentBytes(1024 * 1024)), sent);
        }
        Map<Path, Long> ends = new HashMap<>();
        log.dump("t-0", 0, batch -> {
            ends.put(batch.file(), batch.position() + batch.bytes());
            return DumpVisitor.Next.BATCH;
        });
        Path file = ends.keySet().iterator().next();
        RandomGenerator random = new SplittableRandom(SEED);
        int errors = 0;
        for (int i = 0; i < 200; i++) {
            long position = random.nextLong(ends.get(file));
            int bit = random.nextInt(8);
            flip(file, position, bit);
            errors += readDamaged(log, sent, "seed=" + SEED + ", position=" + position + ", bit=" + bit) ? 1 : 0;
            flip(file, position, bit);
        }
        assertTrue(errors > 100, "errors=" + errors);
        try (Broker broker = open(log.readOnly())) {
            assertContent(sent, broker.topic("t", Serdes.bytes(), Serdes.bytes()));
        }
    }

    /** Whether it was told that something is damaged, by an exception or by an end that comes too early. */
    private boolean readDamaged(ChronicleLog log, List<ProducerRecord<byte[], byte[]>> sent, String message) {
        List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
        boolean isTold = false;
        try (Broker broker = open(log.readOnly());
                Consumer<byte[], byte[]> consumer =
                        broker.topic("t", Serdes.bytes(), Serdes.bytes()).consumer()) {
            List<ConsumerRecord<byte[], byte[]>> some = consumer.poll(Duration.ZERO);
            while (!some.isEmpty()) {
                read.addAll(some);
                some = consumer.poll(Duration.ZERO);
            }
        } catch (CorruptRecordException e) {
            isTold = true;
        }
        for (int i = 0; i < read.size(); i++) {
            assertEquals(i, read.get(i).offset(), message);
            assertArrayEquals(sent.get(i).value(), read.get(i).value(), message);
        }
        return isTold || read.size() < sent.size();
    }

    private static void flip(Path file, long position, int bit) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(position);
            int value = access.read();
            access.seek(position);
            access.write(value ^ 1 << bit);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Threads.Mode.class,
            names = {"DEDICATED", "SHARED"})
    void worksOnThreadsOfItsOwn(Threads.Mode mode) {
        Threads threads = mode == Threads.Mode.SHARED ? Threads.shared() : Threads.dedicated();
        try (Broker broker = Broker.open(
                ChronicleLog.at(directory.resolve("data")),
                BrokerSettings.defaults(),
                Seams.system().withThreads(threads))) {
            for (CompressionType type : TYPES) {
                Topic<String, String> topic =
                        broker.topic("t-" + type, Serdes.string(), Serdes.string(), settings(type));
                List<CompletableFuture<?>> sent = new ArrayList<>();
                for (int i = 0; i < 5_000; i++) {
                    sent.add(topic.send("k", "value " + i));
                }
                CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
                List<ConsumerRecord<String, String>> read = TopicContent.of(topic);

                assertEquals(5_000, read.size());
                assertEquals("value 4999", read.get(4_999).value());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void isRefusedWhenThereIsNoSuchCodec(Engine engine) {
        TopicSettings settings = TopicSettings.partitions(1);

        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> settings.with("compression.type", "snappy"));

        assertEquals("compression.type must be none, gzip, lz4 or zstd: compression.type=snappy", refused.getMessage());
        try (Broker broker = open(engine.storage(directory))) {
            bytes(broker, settings);
            assertThrows(TopicExistsException.class, () -> bytes(broker, settings.with("compression.type", "gzip")));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> broker.alterTopic("t", now -> now.with("compression.type", "snappy")));
            assertEquals(
                    CompressionType.NONE, broker.describeTopic("t").settings().compression());
        }
    }

    /** Of all kinds: small and large, alike and not, with and without keys, values and headers. */
    private static List<ProducerRecord<byte[], byte[]>> anyRecords() {
        RandomGenerator random = new SplittableRandom(SEED);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            byte[] value = random.nextInt(10) == 0 ? null : new byte[random.nextInt(10) == 0 ? 0 : random.nextInt(300)];
            if (value != null && i % 200 < 30) {
                random.nextBytes(value);
            }
            byte[] key = random.nextInt(3) == 0 ? null : new byte[random.nextInt(5)];
            List<Header> headers = i % 4 == 0
                    ? List.of(new Header("h", null), new Header("", new byte[0]), new Header("h", new byte[] {1}))
                    : List.of();
            records.add(new ProducerRecord<>(0, 1_000L + i, key, value, headers));
        }
        return records;
    }

    /** Of a few records, and of many. */
    private static void sendInBatches(
            Broker broker, Topic<byte[], byte[]> topic, List<ProducerRecord<byte[], byte[]>> records) {
        RandomGenerator random = new SplittableRandom(SEED);
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : records) {
            sent.add(topic.send(record));
            if (random.nextInt(50) == 0) {
                broker.doWork();
            }
        }
        while (broker.doWork() > 0) {
            // until all is appended
        }
        sent.forEach(CompletableFuture::join);
    }

    /** By both tiers. */
    private static void assertContent(List<ProducerRecord<byte[], byte[]>> sent, Topic<byte[], byte[]> topic) {
        List<ConsumerRecord<byte[], byte[]>> read = TopicContent.of(topic);
        assertEquals(sent.size(), read.size());
        for (int i = 0; i < sent.size(); i++) {
            ProducerRecord<byte[], byte[]> record = sent.get(i);
            assertEquals(i, read.get(i).offset());
            assertEquals(record.timestamp(), read.get(i).timestamp());
            assertArrayEquals(record.key(), read.get(i).key());
            assertArrayEquals(record.value(), read.get(i).value());
            assertEquals(record.headers(), read.get(i).headers());
        }
        int[] next = {0};
        RecordHandler handler = record -> {
            byte[] value = sent.get(next[0]).value();
            assertEquals(next[0]++, record.offset());
            assertEquals(value == null ? -1 : value.length, record.valueLength());
            if (value != null) {
                assertArrayEquals(value, copy(record.buffer(), record.valueIndex(), record.valueLength()));
            }
        };
        try (RawConsumer raw = topic.rawConsumer(0)) {
            while (raw.await(Duration.ZERO)) {
                assertTrue(raw.poll(handler, 17) > 0);
            }
        }
        assertEquals(sent.size(), next[0]);
    }

    private static byte[] copy(DirectBuffer buffer, int index, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(index, bytes);
        return bytes;
    }

    private static TopicSettings settings(CompressionType type) {
        return TopicSettings.partitions(1)
                .withUnlimitedRetention()
                .withSegmentBytes(16 * 1024)
                .withCompression(type);
    }

    private static Topic<byte[], byte[]> bytes(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.bytes(), Serdes.bytes(), settings);
    }

    private Broker open(Storage storage) {
        return Broker.open(
                storage,
                BrokerSettings.defaults().withRetentionCheckInterval(CHECK),
                new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    }
}
