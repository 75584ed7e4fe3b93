package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.CompressionType;
import io.tidemill.Consumer;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.errors.UnsupportedCompressionTypeException;
import io.tidemill.log.DumpVisitor.Next;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Seams;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * P02: the libraries for lz4, zstd and JSON are optional, and nothing but those needs them. They are on no class path of
 * this module; so each of its other tests proves it, too.
 */
final class MissingLibraryTest {
    private static final Map<CompressionType, String> LIBRARIES = Map.of(
            CompressionType.LZ4, "at.yawk.lz4:lz4-java",
            CompressionType.ZSTD, "com.github.luben:zstd-jni");

    private final SetClock clock = new SetClock(1_000_000);

    @TempDir
    private Path root;

    @Test
    void thereIsNoneHere() {
        assertThrows(ClassNotFoundException.class, () -> Class.forName("net.jpountz.lz4.LZ4Factory"));
        assertThrows(ClassNotFoundException.class, () -> Class.forName("com.github.luben.zstd.Zstd"));
        assertThrows(ClassNotFoundException.class, () -> Class.forName("com.fasterxml.jackson.databind.ObjectMapper"));
    }

    @Test
    void whoAsksForJsonIsToldWhatIsMissing() {
        for (int i = 0; i < 2; i++) {
            IllegalStateException refused = assertThrows(IllegalStateException.class, () -> Serdes.json(String.class));
            assertTrue(
                    refused.getMessage().contains("com.fasterxml.jackson.core:jackson-databind"), refused::getMessage);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"LZ4", "ZSTD"})
    void noTopicComesToBeOrIsAlteredThatNeedsIt(CompressionType type) {
        for (Storage storage : List.of(Storage.inMemory(), ChronicleLog.at(root))) {
            try (Broker broker = open(storage, BrokerSettings.defaults())) {
                assertNames(type, () -> broker.createTopic("t", settings(type)));
                assertFalse(broker.topics().contains("t"));

                Topic<String, String> topic =
                        broker.topic("t", Serdes.string(), Serdes.string(), settings(CompressionType.GZIP));
                assertNames(type, () -> broker.alterTopic("t", now -> now.withCompression(type)));

                assertEquals(CompressionType.GZIP, topic.settings().compression());
                topic.send("k", "v".repeat(1_000)).join();
                assertEquals(1, TopicContent.of(topic).size());
            }
            BrokerSettings defaults = BrokerSettings.defaults().withTopicDefaults(settings(type));
            try (Broker broker = open(storage, defaults)) {
                assertNames(type, () -> broker.createTopic("other", TopicSettings.partitions(1)));
            }
        }
    }

    /** It was created where the library was, and is opened here. */
    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"LZ4", "ZSTD"})
    void whoReadsOrWritesIsToldAndNothingElseIsLost(CompressionType type) {
        try (Broker broker = open(ChronicleLog.at(root), BrokerSettings.defaults())) {
            broker.createTopic("t", TopicSettings.partitions(1));
            broker.createTopic("healthy", TopicSettings.partitions(1));
        }
        try (LogStore store = ChronicleLog.at(root).open(clock)) {
            PartitionLog log = store.openLog("t-0");
            append(log, Batches.numbered(0, 3));
            append(log, compressedBy(type, Batches.numbered(3, 3)));
            append(log, Batches.numbered(6, 3));
        }
        BrokerSettings defaults = BrokerSettings.defaults().withTopicDefaults(settings(type));
        try (Broker broker = open(ChronicleLog.at(root), defaults)) {
            Topic<byte[], byte[]> topic = broker.topic("t", Serdes.bytes(), Serdes.bytes());
            try (Consumer<byte[], byte[]> consumer = topic.consumer()) {
                assertEquals(3, consumer.poll(Duration.ZERO).size());
                assertNames(type, () -> consumer.poll(Duration.ZERO));
                assertNames(type, () -> consumer.poll(Duration.ZERO));
                assertEquals(3, consumer.position(new TopicPartition("t", 0)));
                consumer.seek(new TopicPartition("t", 0), 6);
                assertEquals(3, consumer.poll(Duration.ZERO).size());
            }
            CompletionException refused = assertThrows(
                    CompletionException.class,
                    () -> topic.send(null, new byte[100]).join());
            assertNames(type, () -> {
                throw refused.getCause();
            });
            broker.alterTopic("t", now -> now.withCompression(CompressionType.NONE));
            assertEquals(9, topic.send(null, new byte[100]).join().offset());
            assertEquals(2, broker.topics().size());
        }
        assertEquals(List.of(), ChronicleLog.at(root).verify().findings());
        assertNames(type, () -> ChronicleLog.at(root).dump("t-0", 0, batch -> Next.RECORDS));
    }

    private static void append(PartitionLog log, UnsafeBuffer batch) {
        log.append(batch, 0, batch.capacity());
    }

    /** What it holds does not matter: nobody gets as far as that. */
    private static UnsafeBuffer compressedBy(CompressionType type, UnsafeBuffer batch) {
        batch.putByte(BatchLayout.CODEC, type.id());
        batch.putInt(BatchLayout.CRC32C, new Crc32c().compute(batch, 0), ByteOrder.LITTLE_ENDIAN);
        return batch;
    }

    private static void assertNames(CompressionType type, Executable call) {
        UnsupportedCompressionTypeException refused = assertThrows(UnsupportedCompressionTypeException.class, call);
        assertTrue(refused.getMessage().contains(LIBRARIES.get(type)), refused::getMessage);
        assertTrue(refused.getMessage().contains("compression.type=" + type), refused::getMessage);
        assertFalse(refused.retriable());
    }

    private static TopicSettings settings(CompressionType type) {
        return TopicSettings.partitions(1).withCompression(type);
    }

    private Broker open(Storage storage, BrokerSettings settings) {
        return Broker.open(storage, settings, Seams.system().withThreads(Threads.manual()));
    }
}
