package io.tidemill;

/**
 * What a partition has come to since the broker was opened. Goes on telling as the partition goes on; stands still when the
 * broker is closed or the topic deleted. Any thread, at any time, without waiting for anybody.
 */
public interface PartitionMetrics {
    /** The storage does not know how much it holds. */
    long UNKNOWN_BYTES = -1;

    /**
     * The topic's name.
     *
     * @return as it was created
     */
    String topic();

    /**
     * The partition's number.
     *
     * @return from 0
     */
    int partition();

    /**
     * The first offset that can be read.
     *
     * @return inclusive
     */
    long startOffset();

    /**
     * What can be read ends here.
     *
     * @return exclusive
     */
    long endOffset();

    /**
     * How much the log holds.
     *
     * @return bytes, or {@link #UNKNOWN_BYTES}
     */
    long logBytes();

    /**
     * Batches that were appended.
     *
     * @return how many
     */
    long appendedBatches();

    /**
     * Records that were appended.
     *
     * @return how many
     */
    long appendedRecords();

    /**
     * What the appended batches take as they are stored, their headers included.
     *
     * @return bytes
     */
    long appendedBytes();

    /**
     * Records that were accepted and then refused: the log would not take them, or not flush them.
     *
     * @return how many
     */
    long failedRecords();

    /**
     * Times that the partition was flushed; a flush that failed does not count.
     *
     * @return how many
     */
    long flushes();

    /**
     * Files that were full or old, so that another one was begun.
     *
     * @return how many
     */
    long rolls();

    /**
     * What retention and budget deleted.
     *
     * @return bytes
     */
    long deletedBytes();

    /**
     * Sends of the friendly tier that had to wait for room in the ring.
     *
     * @return how many
     */
    long blockedSends();

    /**
     * Sends among those that waited in vain.
     *
     * @return how many
     */
    long refusedSends();

    /**
     * Records that consumers were given, each as often as it was given.
     *
     * @return how many
     */
    long readRecords();

    /**
     * What those records take, uncompressed and without the headers of their batches.
     *
     * @return bytes
     */
    long readBytes();
}
