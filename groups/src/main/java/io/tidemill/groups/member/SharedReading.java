package io.tidemill.groups.member;

import io.tidemill.ConsumerRecord;
import io.tidemill.TopicPartition;
import io.tidemill.broker.HostBroker;
import io.tidemill.consumer.RecordDecoder;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.RecordDeserializationException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.groups.SharedRecord;
import io.tidemill.groups.local.Taken;
import io.tidemill.groups.local.Verdict;
import io.tidemill.groups.sharing.Acknowledgement;
import io.tidemill.groups.sharing.Delivery;
import io.tidemill.lane.Partition;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.raw.RecordView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the records that a member was given, which lie here and there in the partitions. What turns out to be none, and what cannot
 * be read, the member will tell by itself. Used under the member's lock.
 */
final class SharedReading<K, V> {
    private final HostBroker broker;
    private final RecordDecoder<K, V> decoder;
    private final HeldRecords<K, V> held;
    private final FirstFailure failure;
    private final Map<TopicPartition, Source> sources = new HashMap<>();

    /** Where a partition is read. */
    private record Source(Partition partition, RawConsumer consumer) {}

    /**
     * @param held takes what was read
     * @param failure takes why something was not
     */
    SharedReading(HostBroker broker, RecordDecoder<K, V> decoder, HeldRecords<K, V> held, FirstFailure failure) {
        this.broker = broker;
        this.decoder = decoder;
        this.held = held;
        this.failure = failure;
    }

    /** Answers those that could be read. */
    List<SharedRecord<K, V>> read(List<Taken> all) {
        List<SharedRecord<K, V>> records = new ArrayList<>();
        for (Taken taken : all) {
            for (Delivery delivery : taken.deliveries()) {
                failure.guard(() -> new Run(taken, delivery, records).read());
            }
        }
        return records;
    }

    private RawConsumer source(Partition partition) {
        Source present = sources.get(partition.id());
        // By identity: a topic of that name may have been deleted and created again.
        if (present == null || present.partition() != partition) {
            if (present != null) {
                present.consumer().close();
            }
            present = new Source(partition, broker.consumers().rawConsumer(partition, RawConsumerSettings.defaults()));
            sources.put(partition.id(), present);
        }
        return present.consumer();
    }

    void close() {
        sources.values().forEach(source -> source.consumer().close());
    }

    /** Neighbours, some of which may be none. */
    private final class Run {
        private final Taken taken;
        private final Delivery delivery;
        private final List<SharedRecord<K, V>> records;
        private long next;

        Run(Taken taken, Delivery delivery, List<SharedRecord<K, V>> records) {
            this.taken = taken;
            this.delivery = delivery;
            this.records = records;
            this.next = delivery.firstOffset();
        }

        void read() {
            try {
                RawConsumer source = source(taken.partition());
                boolean hasMore = true;
                while (hasMore && next <= delivery.lastOffset()) {
                    hasMore = read(source);
                }
            } catch (UnknownTopicOrPartitionException e) {
                // The topic was deleted, and its records with it.
                next = delivery.lastOffset() + 1;
            } finally {
                tell(delivery.lastOffset(), Acknowledgement.RELEASE);
            }
        }

        private boolean read(RawConsumer source) {
            // Retention took what is in front of it.
            tell(Math.min(source.startOffset() - 1, delivery.lastOffset()), Acknowledgement.GAP);
            if (source.position() != next) {
                source.seek(next);
            }
            int count;
            try {
                count = source.poll(this::onRecord, Math.toIntExact(delivery.lastOffset() - next + 1));
            } catch (OffsetOutOfRangeException e) {
                if (source.startOffset() > next) {
                    return true;
                }
                throw e;
            }
            if (source.position() > delivery.lastOffset()) {
                tell(delivery.lastOffset(), Acknowledgement.GAP);
            }
            return count > 0;
        }

        private void onRecord(RecordView view) {
            long offset = view.offset();
            if (offset > delivery.lastOffset()) {
                return;
            }
            tell(offset - 1, Acknowledgement.GAP);
            try {
                ConsumerRecord<K, V> record = decoder.decode(taken.partition().id(), view);
                SharedRecord<K, V> shared = new SharedRecord<>(record, delivery.deliveryCount());
                held.add(shared);
                records.add(shared);
                next = offset + 1;
            } catch (RecordDeserializationException e) {
                failure.guard(() -> {
                    throw e;
                });
                tell(offset, Acknowledgement.RELEASE);
            }
        }

        /** Of all from the next one to this. */
        private void tell(long lastOffset, Acknowledgement what) {
            if (next <= lastOffset) {
                held.addUnseen(new Verdict(taken.partition().id(), next, lastOffset, what));
                next = lastOffset + 1;
            }
        }
    }
}
