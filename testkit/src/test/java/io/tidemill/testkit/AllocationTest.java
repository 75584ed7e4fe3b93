package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.CompressionType;
import io.tidemill.IsolationLevel;
import io.tidemill.PartitionMetrics;
import io.tidemill.Producer;
import io.tidemill.ProducerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumer.RecordHandler;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * P06, and C06: on disk, a record's whole way through the raw tier allocates nothing, on no thread, and one that is sent through the
 * friendly tier nothing but its future.
 */
class AllocationTest {
    private static final int RECORDS = 500_000;
    private static final int WARM_UP_ROUNDS = 4;

    /**
     * What a round may cost whatever its number of records: waiting, and the index of positions, 16 bytes for every 64
     * KiB of the log in an array that doubles. One small object for every 32 records would be more.
     */
    private static final long BYTES_PER_ROUND_MAX = RECORDS / 2;

    /**
     * Where the JDK has its own way to native code, from 22 on, zstd's library takes it, and makes a view of each buffer for
     * each call: two when a batch is compressed, two when it is read.
     */
    private static final long ZSTD_BYTES_PER_BATCH = Runtime.version().feature() < 22 ? 0 : 768;

    /** What a {@link CompletableFuture} with a result, a place and an account is; another object would be 16 more. */
    private static final int FUTURE_BYTES = 64;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"NONE, false", "NONE, true", "GZIP, false", "LZ4, false", "ZSTD, false"})
    void theRawTierAllocatesNothingPerRecord(CompressionType compression, boolean checkViews) {
        RawConsumerSettings settings = new RawConsumerSettings(IsolationLevel.READ_UNCOMMITTED, checkViews);
        // Everything on this thread, so that this thread's allocation is all there is.
        Seams seams = Seams.system().withThreads(Threads.manual());
        try (Broker broker =
                Broker.open(ChronicleLog.at(directory.resolve("data")), BrokerSettings.defaults(), seams)) {
            Topic<byte[], byte[]> topic = broker.topic(
                    "t",
                    Serdes.bytes(),
                    Serdes.bytes(),
                    TopicSettings.partitions(1).withCompression(compression));
            try (RawProducer producer = topic.rawProducer(0);
                    RawConsumer consumer = topic.rawConsumer(0, settings)) {
                long[] sum = {0};
                RecordHandler handler = record -> sum[0] += record.buffer().getLong(record.valueIndex());
                for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                    produceAndConsume(broker, producer, consumer, handler);
                }

                long batchesBefore = appendedBatches(broker);
                long before = threads.getCurrentThreadAllocatedBytes();
                produceAndConsume(broker, producer, consumer, handler);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                long batches = appendedBatches(broker) - batchesBefore;

                long allowed = BYTES_PER_ROUND_MAX
                        + (compression == CompressionType.ZSTD ? ZSTD_BYTES_PER_BATCH * batches : 0);
                assertTrue(
                        allocated <= allowed,
                        "allocated=" + allocated + ", records=" + RECORDS + ", batches=" + batches);
                assertEquals((WARM_UP_ROUNDS + 1) * (RECORDS - 1L) * RECORDS / 2, sum[0]);
            }
        }
    }

    @Test
    void aProducerAllocatesNoMoreThanAFuturePerRecord() {
        Seams seams = Seams.system().withThreads(Threads.manual());
        try (Broker broker =
                Broker.open(ChronicleLog.at(directory.resolve("data")), BrokerSettings.defaults(), seams)) {
            Topic<byte[], byte[]> topic =
                    broker.topic("t", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
            long[] reported = {0};
            ProducerSettings<byte[], byte[]> settings =
                    ProducerSettings.<byte[], byte[]>defaults().withListener((record, failure) -> reported[0]++);
            try (Producer<byte[], byte[]> producer = topic.producer(settings)) {
                byte[] value = new byte[100];
                for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                    send(broker, producer, value);
                }

                long before = threads.getCurrentThreadAllocatedBytes();
                send(broker, producer, value);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;

                long allowed = (long) FUTURE_BYTES * RECORDS + BYTES_PER_ROUND_MAX;
                assertTrue(allocated <= allowed, "allocated=" + allocated + ", records=" + RECORDS);
                assertEquals((WARM_UP_ROUNDS + 1L) * RECORDS, reported[0]);
            }
        }
    }

    private static long appendedBatches(Broker broker) {
        return broker.metrics().partitions().stream()
                .filter(partition -> partition.topic().equals("t"))
                .mapToLong(PartitionMetrics::appendedBatches)
                .sum();
    }

    private static void send(Broker broker, Producer<byte[], byte[]> producer, byte[] value) {
        for (int i = 0; i < RECORDS; i++) {
            producer.send(null, value);
            if (i % 1_000 == 0) {
                broker.doWork();
            }
        }
        producer.flush();
    }

    private static void produceAndConsume(
            Broker broker, RawProducer producer, RawConsumer consumer, RecordHandler handler) {
        long ticket = -1;
        for (int i = 0; i < RECORDS; i++) {
            int code = producer.claim(RawProducer.NULL_LENGTH, 100);
            while (code == RawProducer.BACK_PRESSURED) {
                broker.doWork();
                code = producer.claim(RawProducer.NULL_LENGTH, 100);
            }
            producer.buffer().putLong(producer.valueIndex(), i);
            ticket = producer.commit();
        }
        assertTrue(producer.await(ticket, Duration.ofSeconds(60)));
        assertEquals(0, producer.failed());
        int read = 0;
        while (read < RECORDS) {
            read += consumer.poll(handler, 10_000);
        }
    }
}
