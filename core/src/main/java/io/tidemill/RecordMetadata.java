package io.tidemill;

/** Where a record that was sent has got to. */
public interface RecordMetadata {
    /**
     * The topic.
     *
     * @return its name
     */
    String topic();

    /**
     * The partition.
     *
     * @return from 0
     */
    int partition();

    /**
     * The record's place in the partition.
     *
     * @return from 0
     */
    long offset();

    /**
     * When it was appended, on the broker's clock.
     *
     * @return milliseconds since the epoch
     */
    long timestamp();
}
