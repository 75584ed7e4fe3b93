package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.IsolationLevel;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The raw half of P06, and C06: on disk, a record's whole way through the raw tier allocates nothing, on no thread. */
class AllocationTest {
    private static final int RECORDS = 500_000;
    private static final int WARM_UP_ROUNDS = 4;

    /**
     * What a round may cost whatever its number of records: waiting, and the index of positions, 16 bytes for every 64
     * KiB of the log in an array that doubles. One small object for every 32 records would be more.
     */
    private static final long BYTES_PER_ROUND_MAX = RECORDS / 2;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theRawTierAllocatesNothingPerRecord(boolean checkViews) {
        RawConsumerSettings settings = new RawConsumerSettings(IsolationLevel.READ_UNCOMMITTED, checkViews);
        // Everything on this thread, so that this thread's allocation is all there is.
        Seams seams = Seams.system().withThreads(Threads.manual());
        try (Broker broker =
                Broker.open(ChronicleLog.at(directory.resolve("data")), BrokerSettings.defaults(), seams)) {
            Topic<byte[], byte[]> topic =
                    broker.topic("t", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
            try (RawProducer producer = topic.rawProducer(0);
                    RawConsumer consumer = topic.rawConsumer(0, settings)) {
                long[] sum = {0};
                RecordHandler handler = record -> sum[0] += record.buffer().getLong(record.valueIndex());
                for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                    produceAndConsume(broker, producer, consumer, handler);
                }

                long before = threads.getCurrentThreadAllocatedBytes();
                produceAndConsume(broker, producer, consumer, handler);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;

                assertTrue(allocated <= BYTES_PER_ROUND_MAX, "allocated=" + allocated + ", records=" + RECORDS);
                assertEquals((WARM_UP_ROUNDS + 1) * (RECORDS - 1L) * RECORDS / 2, sum[0]);
            }
        }
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
