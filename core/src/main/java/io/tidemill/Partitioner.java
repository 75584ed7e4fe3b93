package io.tidemill;

import org.agrona.DirectBuffer;

/** Chooses the partition of a record that does not name one. Called by every thread that sends. */
@FunctionalInterface
public interface Partitioner {
    /**
     * Chooses.
     *
     * @param key holds the key's bytes; valid during this call only
     * @param index where they start
     * @param length how many there are; −1 when the key is null
     * @param partitions how many there are to choose from
     * @return from 0 to {@code partitions − 1}
     */
    int partition(DirectBuffer key, int index, int length, int partitions);
}
