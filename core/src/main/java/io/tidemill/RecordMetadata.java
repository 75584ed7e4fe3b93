package io.tidemill;

/** Where a record that was sent has got to. */
public interface RecordMetadata {
    /** The offset is not known: nobody waited for it, or the record was not appended. */
    long NO_OFFSET = -1;

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
     * @return from 0, or {@link #NO_OFFSET}
     */
    long offset();

    /**
     * When it was appended, on the broker's clock.
     *
     * @return milliseconds since the epoch; −1 where the offset is not known
     */
    long timestamp();
}
