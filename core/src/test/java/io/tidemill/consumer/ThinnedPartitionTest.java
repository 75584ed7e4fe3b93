package io.tidemill.consumer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.Serdes;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.errors.CorruptRecordException;
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
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** R06, the reading side: records keep their offsets where others went, and nobody waits for those that are gone. */
class ThinnedPartitionTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final Clock CLOCK = new SetClock(1_000);

    private final Lane lane = SteppedLane.create(CLOCK);
    private final CallerWait callerWait =
            new CallerWait(new AgentHost(Threads.manual(), true, ThreadParker.INSTANCE), CLOCK, ThreadParker.INSTANCE);
    private final LogStore store = Storage.inMemory().open(CLOCK);

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void readsWhatIsLeftAtItsOwnOffsetAndEndsBehindTheLastBatch() {
        List<Long> left = List.of(3L, 7L, 20L, 21L, 24L);
        Partition partition = partition(
                Batches.thinned(0, 10, 3, 7),
                Batches.thinned(10, 20),
                Batches.numbered(20, 2),
                Batches.thinned(22, 30, 24),
                Batches.thinned(30, 31));

        for (int recordsMax : new int[] {1, 2, 100}) {
            try (RawConsumer raw = new PartitionConsumer(partition, RawConsumerSettings.defaults(), callerWait)) {
                assertEquals(left, pollAll(raw, recordsMax));
                assertEquals(31, raw.position());
            }
        }
        try (TopicConsumer<byte[], byte[]> friendly = consumer(partition)) {
            List<Long> offsets = friendly.poll(Duration.ZERO).stream()
                    .map(ConsumerRecord::offset)
                    .toList();
            assertEquals(left, offsets);
            assertEquals(31, friendly.position(new TopicPartition("t", 0)));
        }
    }

    @Test
    void findsTheNextRecordFromAnyOffset() {
        List<Long> left = List.of(3L, 7L, 20L, 21L, 24L);
        Partition partition = partition(
                Batches.thinned(0, 10, 3, 7),
                Batches.thinned(10, 20),
                Batches.numbered(20, 2),
                Batches.thinned(22, 30, 24));

        try (RawConsumer raw = new PartitionConsumer(partition, RawConsumerSettings.defaults(), callerWait)) {
            for (long offset = 30; offset >= 0; offset--) {
                long sought = offset;
                raw.seek(offset);
                assertEquals(offset, raw.position());
                List<Long> expected =
                        left.stream().filter(next -> next >= sought).toList();
                assertEquals(expected, pollAll(raw, 100));
            }
        }
    }

    /** Who waits for a record must not be told that there is one, again and again, and find none. */
    @Test
    void doesNotTakeAnEmptyEndForARecord() {
        Partition partition = partition(Batches.thinned(0, 10, 3), Batches.thinned(10, 20), Batches.thinned(20, 30));

        try (RawConsumer raw = new PartitionConsumer(partition, RawConsumerSettings.defaults(), callerWait);
                TopicConsumer<byte[], byte[]> friendly = consumer(partition)) {
            assertTrue(raw.await(Duration.ZERO));
            assertEquals(1, raw.poll(record -> {}, 1));
            assertFalse(raw.await(Duration.ZERO));
            assertEquals(30, raw.position());
            raw.seek(4);
            assertFalse(raw.await(Duration.ZERO));
            raw.seek(15);
            assertFalse(raw.await(Duration.ZERO));
            raw.seek(31);
            assertTrue(raw.await(Duration.ZERO));

            friendly.seek(new TopicPartition("t", 0), 12);
            assertEquals(List.of(), friendly.poll(Duration.ZERO));
            assertEquals(30, friendly.position(new TopicPartition("t", 0)));
        }
    }

    @Test
    void followsAHandlerThatSeeks() {
        Partition partition = partition(Batches.thinned(0, 10, 3, 7), Batches.thinned(10, 20, 12, 14));
        List<Long> offsets = new ArrayList<>();

        try (RawConsumer raw = new PartitionConsumer(partition, RawConsumerSettings.defaults(), callerWait)) {
            raw.poll(
                    record -> {
                        offsets.add(record.offset());
                        if (offsets.size() == 4) {
                            raw.seek(5);
                        }
                    },
                    7);
        }

        assertEquals(List.of(3L, 7L, 12L, 14L, 7L, 12L, 14L), offsets);
    }

    @Test
    void meetsABatchOfAnUnknownKindAgainAndAgain() {
        UnsafeBuffer marker = Batches.numbered(5, 1);
        marker.putByte(BatchLayout.TYPE, BatchLayout.TYPE_COMMIT);
        marker.putInt(BatchLayout.CRC32C, new Crc32c().compute(marker, 0), LITTLE_ENDIAN);
        Partition partition = partition(Batches.numbered(0, 5), marker, Batches.numbered(6, 1));

        try (RawConsumer raw = new PartitionConsumer(partition, RawConsumerSettings.defaults(), callerWait)) {
            assertEquals(5, raw.poll(record -> {}, 5));
            assertTrue(raw.await(Duration.ZERO));
            for (int i = 0; i < 3; i++) {
                assertThrows(CorruptRecordException.class, () -> raw.poll(record -> {}, 5));
            }
        }
    }

    private Partition partition(DirectBuffer... batches) {
        PartitionLog log = store.openLog("t-0");
        for (DirectBuffer batch : batches) {
            log.append(batch, 0, batch.capacity());
        }
        return lane.add("t", 0, TopicSettings.partitions(1).withMaxMessageBytes(100_000), log);
    }

    private TopicConsumer<byte[], byte[]> consumer(Partition partition) {
        OpenTopic topic = new OpenTopic(new UUID(0, 1), "t", partition.settings(), List.of(partition));
        TopicConsumer<byte[], byte[]> consumer = new Consumers(name -> topic, CLOCK, callerWait)
                .consumer(Serdes.bytes(), Serdes.bytes(), ConsumerSettings.defaults());
        consumer.subscribe(List.of("t"));
        return consumer;
    }

    /** So many at a time, until there are none. */
    private static List<Long> pollAll(RawConsumer raw, int recordsMax) {
        List<Long> offsets = new ArrayList<>();
        while (raw.poll(record -> offsets.add(record.offset()), recordsMax) > 0) {
            // on
        }
        return offsets;
    }
}
