package io.tidemill.consumer;

import io.tidemill.IsolationLevel;
import io.tidemill.TopicPartition;
import io.tidemill.lane.Partition;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Where partitions begin and end, and where in them a time is: questions that move nobody's position. */
final class OffsetLookup {
    private final IsolationLevel isolation;
    private final OffsetReset reset;
    /** Throws where there is none. */
    private final Function<TopicPartition, Partition> partitions;

    OffsetLookup(IsolationLevel isolation, OffsetReset reset, Function<TopicPartition, Partition> partitions) {
        this.isolation = isolation;
        this.reset = reset;
        this.partitions = partitions;
    }

    Map<TopicPartition, Long> beginnings(Collection<TopicPartition> ids) {
        Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
        ids.forEach(id -> offsets.put(id, require(id).startOffset()));
        return offsets;
    }

    Map<TopicPartition, Long> ends(Collection<TopicPartition> ids) {
        Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
        ids.forEach(id -> offsets.put(id, require(id).readableEnd(isolation)));
        return offsets;
    }

    /** Without those that have no record of that time or a later one. */
    Map<TopicPartition, Long> ofTimes(Map<TopicPartition, Instant> times) {
        Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
        times.forEach((id, time) -> {
            PartitionReader reader = new PartitionReader(require(id), isolation, reset);
            try {
                if (reader.seekToTime(time.toEpochMilli())) {
                    offsets.put(id, reader.position());
                }
            } finally {
                reader.close();
            }
        });
        return offsets;
    }

    private Partition require(TopicPartition id) {
        Partition partition = partitions.apply(id);
        partition.requireThere();
        partition.awaitBounds();
        return partition;
    }
}
