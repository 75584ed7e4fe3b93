package io.tidemill.groups.local;

import io.tidemill.AutoOffsetReset;
import io.tidemill.broker.HostBroker;
import io.tidemill.groups.OffsetPlace;
import io.tidemill.groups.OffsetPlace.End;
import io.tidemill.groups.OffsetPlace.Offset;
import io.tidemill.groups.OffsetPlace.Shift;
import io.tidemill.groups.OffsetPlace.Time;
import io.tidemill.lane.Partition;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Finds where somebody wants to read. Any thread. */
final class Places {
    private final HostBroker broker;

    Places(HostBroker broker) {
        this.broker = broker;
    }

    /**
     * The offset of a place; of one outside the partition, that of its nearest end.
     *
     * @param known where the group is; null for nowhere
     */
    long offset(Partition partition, @Nullable Long known, OffsetPlace place) {
        partition.awaitBounds();
        long start = partition.startOffset();
        return Math.max(start, Math.min(asked(partition, known, place), partition.committedAcquire()));
    }

    private long asked(Partition partition, @Nullable Long known, OffsetPlace place) {
        if (place instanceof Offset certain) {
            return certain.offset();
        } else if (place instanceof Time time) {
            try (RawConsumer consumer = broker.consumers().rawConsumer(partition, RawConsumerSettings.defaults())) {
                consumer.seekToTime(time.time().toEpochMilli());
                return consumer.position();
            }
        } else if (place instanceof Shift shift) {
            long from = known == null ? partition.startOffset() : known;
            return from + Math.min(shift.records(), partition.committedAcquire() - from);
        }
        return place == End.EARLIEST ? partition.startOffset() : partition.committedAcquire();
    }

    /** Where who begins now begins; nowhere is the start. */
    OffsetPlace beginning(AutoOffsetReset reset) {
        if (reset instanceof AutoOffsetReset.ByDuration past) {
            return OffsetPlace.time(
                    Instant.ofEpochMilli(broker.clock().epochMs()).minus(past.age()));
        }
        return reset == AutoOffsetReset.latest() ? OffsetPlace.latest() : OffsetPlace.earliest();
    }
}
