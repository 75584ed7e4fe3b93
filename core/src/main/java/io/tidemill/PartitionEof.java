package io.tidemill;

/**
 * A consumer has been given everything that there is in a partition.
 *
 * @param partition whose end it is
 * @param offset that the next record will have
 */
public record PartitionEof(TopicPartition partition, long offset) {}
