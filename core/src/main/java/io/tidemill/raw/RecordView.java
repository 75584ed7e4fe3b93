package io.tidemill.raw;

import org.agrona.DirectBuffer;

/** A record where it lies, without a copy. Valid only as long as whoever hands it out says. */
public interface RecordView {
    /**
     * The record's place in the partition.
     *
     * @return from 0
     */
    long offset();

    /**
     * The producer's time, or else when it was appended.
     *
     * @return milliseconds since the epoch
     */
    long timestamp();

    /**
     * Where key and value lie.
     *
     * @return the memory, which holds other things too
     */
    DirectBuffer buffer();

    /**
     * Where in {@link #buffer} the key starts.
     *
     * @return an index
     */
    int keyIndex();

    /**
     * How long the key is.
     *
     * @return bytes, or −1 when it is null
     */
    int keyLength();

    /**
     * Where in {@link #buffer} the value starts.
     *
     * @return an index
     */
    int valueIndex();

    /**
     * How long the value is.
     *
     * @return bytes, or −1 when it is null
     */
    int valueLength();

    /**
     * Where in {@link #buffer} the headers start.
     *
     * @return an index
     */
    int headersIndex();

    /**
     * How long the headers are.
     *
     * @return bytes, 0 when there are none
     */
    int headersLength();
}
