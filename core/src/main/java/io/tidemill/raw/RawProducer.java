package io.tidemill.raw;

import java.time.Duration;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Sends to one partition without allocating: claim room in the ring, encode in place, commit.
 *
 * <pre>{@code
 * int code = producer.claim(RawProducer.NULL_LENGTH, 100);
 * if (code == RawProducer.OK) {
 *     encode(producer.buffer(), producer.valueIndex());
 *     long ticket = producer.commit();
 * }
 * }</pre>
 *
 * <p>Handing over to another core costs as much as several small records. Whoever has many at hand claims a run of them
 * and hands over once:
 *
 * <pre>{@code
 * if (producer.claimRun(4096) == RawProducer.OK) {
 *     while (more() && producer.claim(RawProducer.NULL_LENGTH, 100) == RawProducer.OK) {
 *         encode(producer.buffer(), producer.valueIndex());
 *         producer.commit();
 *     }
 *     producer.commitRun();
 * }
 * }</pre>
 *
 * <p>Used by one thread at a time. Nothing here waits, except {@link #await}. Tickets are numbered from 0 in the order
 * of the commits, which is the order of the records in the partition.
 */
public interface RawProducer extends AutoCloseable {
    /** Room was claimed. */
    int OK = 0;
    /** The ring is full for the moment. */
    int BACK_PRESSURED = -1;
    /** The broker was closed. */
    int CLOSED = -2;
    /** The record does not fit into what is left of the open run: hand that over and begin another. */
    int RUN_FULL = -4;

    /** As a key's or a value's length: there is none, which is not the same as an empty one. */
    int NULL_LENGTH = -1;

    /**
     * Claims room for several records; {@link #claim} then takes from it. It must be handed over soon: everything that
     * comes behind it waits.
     *
     * @param runBytes room for the records with their overhead, which is up to 35 bytes for each
     * @return {@link #OK}, {@link #BACK_PRESSURED} or {@link #CLOSED}
     * @throws IllegalArgumentException when the ring never has so much room
     * @throws IllegalStateException when a claim or a run is open
     */
    int claimRun(int runBytes);

    /**
     * Hands over the records that were committed since {@link #claimRun}.
     *
     * @return the ticket of the last of them, or the last one before, when there was none
     * @throws IllegalStateException when no run is open, or a claim is
     */
    long commitRun();

    /**
     * Claims room for a record. It must be committed or aborted soon: everything that comes behind it waits.
     *
     * @param keyLength bytes, or {@link #NULL_LENGTH}
     * @param valueLength bytes, or {@link #NULL_LENGTH}
     * @return {@link #OK}, {@link #BACK_PRESSURED} or {@link #CLOSED}; inside a run {@link #OK} or {@link #RUN_FULL}
     * @throws io.tidemill.errors.InvalidRecordException when it has no key, and the topic is compacted
     * @throws io.tidemill.errors.RecordTooLargeException when a record of that size can never be claimed
     * @throws IllegalStateException when a claim is open
     */
    int claim(int keyLength, int valueLength);

    /**
     * Where to encode the claimed record. Write nowhere but into its key and its value.
     *
     * @return the ring's memory
     */
    MutableDirectBuffer buffer();

    /**
     * Where in {@link #buffer} the key goes.
     *
     * @return an index
     */
    int keyIndex();

    /**
     * Where in {@link #buffer} the value goes.
     *
     * @return an index
     */
    int valueIndex();

    /**
     * Sends the claimed record; inside a run, that is up to {@link #commitRun}.
     *
     * @return its ticket
     * @throws IllegalStateException when no claim is open
     */
    long commit();

    /**
     * Gives the claim back.
     *
     * @throws IllegalStateException when no claim is open
     */
    void abort();

    /**
     * Claims, copies a value without a key, and commits.
     *
     * @param value holds the value
     * @param index where it starts
     * @param length of it
     * @return its ticket, or a code as {@link #claim} answers
     * @throws io.tidemill.errors.InvalidRecordException when the topic is compacted
     */
    long offer(DirectBuffer value, int index, int length);

    /**
     * How many records were answered, one way or the other: all tickets below this number.
     *
     * @return grows up to the number of commits
     */
    long answered();

    /**
     * How many of the answered records were not appended.
     *
     * @return 0 as long as all is well
     */
    long failed();

    /**
     * Waits until a record is answered.
     *
     * @param ticket its ticket
     * @param timeout how long to wait
     * @return whether it is; false after the time or an interrupt, which stays set
     */
    boolean await(long ticket, Duration timeout);

    /** Aborts an open claim, and hands over an open run. Records that were committed go their way. Idempotent. */
    @Override
    void close();
}
