package io.tidemill.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.AutoOffsetReset;
import io.tidemill.ConsumerSettings;
import io.tidemill.Serdes;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.batch.Batches;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.lane.Lane;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.lane.SteppedLane;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** C03: records that go while somebody is about to read them are missed by him as he asked to, and never silently. */
class ForgottenRecordsTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final Clock CLOCK = new SetClock(1_000);
    private static final TopicPartition ID = new TopicPartition("t", 0);
    private static final int IN_A_BATCH = 10;
    private static final int RECORDS = 2_000;

    private final Lane lane = SteppedLane.create(CLOCK);
    private final CallerWait callerWait =
            new CallerWait(new AgentHost(Threads.manual(), true, ThreadParker.INSTANCE), CLOCK, ThreadParker.INSTANCE);
    private final LogStore store = Storage.inMemory().open(CLOCK);
    private final ForgetfulLog log = new ForgetfulLog(store.openLog(
            "t-0", LogSettings.defaults().withSegmentBytes(16 * 1024).withRetentionBytes(32 * 1024)));
    private final List<Long> offsets = new ArrayList<>();
    private Partition partition;

    @BeforeEach
    void fill() {
        for (int offset = 0; offset < RECORDS; offset += IN_A_BATCH) {
            DirectBuffer batch = Batches.numbered(offset, IN_A_BATCH);
            log.append(batch, 0, batch.capacity());
        }
        partition = lane.add("t", 0, TopicSettings.partitions(1), log);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void theRawTierIsToldWhereverItIs() {
        try (RawConsumer consumer = new PartitionConsumer(partition, RawConsumerSettings.defaults(), callerWait)) {
            consumer.seek(IN_A_BATCH);
            log.forgetAtNextStep();

            OffsetOutOfRangeException e = assertThrows(
                    OffsetOutOfRangeException.class,
                    () -> consumer.poll(record -> offsets.add(record.offset()), RECORDS));

            assertEquals(List.of(), offsets);
            assertEquals(IN_A_BATCH, consumer.position());
            assertTrue(e.getMessage().contains("position=10, startOffset=" + start()), e::getMessage);
            consumer.seek(consumer.startOffset());
            assertEquals(RECORDS - start(), consumer.poll(record -> {}, RECORDS));
        }
    }

    /** It reads on in what it has in its hands, and is told when it steps beyond that. */
    @Test
    void theRawTierGetsWithoutGapsWhatItGetsAndIsToldThen() {
        try (RawConsumer consumer = new PartitionConsumer(partition, RawConsumerSettings.defaults(), callerWait)) {
            consumer.poll(record -> offsets.add(record.offset()), IN_A_BATCH);
            log.forgetAtNextStep();
            consumer.poll(record -> offsets.add(record.offset()), RECORDS);

            for (int i = 0; i < offsets.size(); i++) {
                assertEquals(i, offsets.get(i));
            }
            assertEquals(offsets.size(), consumer.position());
            assertTrue(offsets.size() < start(), "read=" + offsets.size());
            assertTrue(consumer.await(Duration.ZERO));
            assertThrows(OffsetOutOfRangeException.class, () -> consumer.poll(record -> {}, RECORDS));
        }
    }

    @Test
    void earliestGoesOnAtTheNewStartInTheSamePoll() {
        try (TopicConsumer<byte[], byte[]> consumer = consumer(AutoOffsetReset.earliest())) {
            log.forgetAtNextStep();

            long first = consumer.poll(Duration.ZERO).get(0).offset();

            assertEquals(start(), first);
            assertEquals(first + IN_A_BATCH, consumer.position(ID));
        }
    }

    @Test
    void latestGoesToTheEndAndNotToTheNextRecordThatIsLeft() {
        try (TopicConsumer<byte[], byte[]> consumer = consumer(AutoOffsetReset.latest())) {
            consumer.seekToBeginning();
            log.forgetAtNextStep();

            assertEquals(List.of(), consumer.poll(Duration.ZERO));

            assertEquals(RECORDS, consumer.position(ID));
            assertTrue(start() > 0);
        }
    }

    @Test
    void noneIsToldAndGoesOnFromWhereItSeeks() {
        try (TopicConsumer<byte[], byte[]> consumer = consumer(AutoOffsetReset.none())) {
            consumer.seekToBeginning();
            log.forgetAtNextStep();

            assertThrows(OffsetOutOfRangeException.class, () -> consumer.poll(Duration.ZERO));

            assertEquals(0, consumer.position(ID));
            consumer.seekToBeginning();
            assertEquals(start(), consumer.poll(Duration.ZERO).get(0).offset());
        }
    }

    private long start() {
        long start = partition.startOffset();
        assertTrue(start > 2 * IN_A_BATCH && start < RECORDS, "startOffset=" + start);
        return start;
    }

    private TopicConsumer<byte[], byte[]> consumer(AutoOffsetReset policy) {
        OpenTopic topic = new OpenTopic(new UUID(0, 1), "t", partition.settings(), List.of(partition));
        TopicConsumer<byte[], byte[]> consumer = new Consumers(name -> topic, CLOCK, callerWait)
                .consumer(
                        Serdes.bytes(),
                        Serdes.bytes(),
                        ConsumerSettings.defaults().withAutoOffsetReset(policy).withMaxPollRecords(IN_A_BATCH));
        consumer.subscribe(List.of("t"));
        return consumer;
    }
}
