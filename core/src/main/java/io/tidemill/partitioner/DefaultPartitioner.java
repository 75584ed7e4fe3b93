package io.tidemill.partitioner;

import io.tidemill.Partitioner;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.DirectBuffer;

/**
 * As Kafka's: a key decides by its murmur2; records without a key stay with a partition for a while, so that they share
 * batches, and then go on to the next one.
 */
public final class DefaultPartitioner implements Partitioner {
    /** About as many as share a batch under load. */
    private static final int RECORDS_PER_STAY_SHIFT = 8;

    private final AtomicInteger withoutKey;

    /** Where the first record without a key goes is up to {@code seed}. */
    public DefaultPartitioner(int seed) {
        this.withoutKey = new AtomicInteger(seed & ~((1 << RECORDS_PER_STAY_SHIFT) - 1));
    }

    @Override
    public int partition(DirectBuffer key, int index, int length, int partitions) {
        if (partitions == 1) {
            return 0;
        }
        if (length >= 0) {
            return Murmur2.partition(key, index, length, partitions);
        }
        return (withoutKey.getAndIncrement() >>> RECORDS_PER_STAY_SHIFT) % partitions;
    }
}
