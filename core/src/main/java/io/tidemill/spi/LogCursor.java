package io.tidemill.spi;

import io.tidemill.batch.BatchLayout;
import org.agrona.DirectBuffer;

/**
 * Walks over the batches of one log. Used by one thread at a time; never hands out memory that could go away while
 * that thread looks at it.
 */
public interface LogCursor extends AutoCloseable {
    /**
     * Goes to a place: the next {@link #next} answers the batch that holds this offset, or the first one after it.
     *
     * @param offset any; below the start means the start
     */
    void seek(long offset);

    /**
     * Steps onto the next batch, if all of it lies below the limit.
     *
     * @param limitOffset exclusive; must have been published by the writer after the records below it were appended
     * @return false when there is no such batch yet; the cursor stays where it was
     * @throws io.tidemill.errors.CorruptRecordException when the stored bytes fail their checksum
     */
    boolean next(long limitOffset);

    /**
     * Whether {@link #next} has just answered false because what lies there is brought from another broker. When it has come,
     * who waits for the partition is woken, and {@link #next} is to be asked again.
     *
     * @return false where everything is at hand
     */
    default boolean isOnItsWay() {
        return false;
    }

    /**
     * As {@link #next}, but waits for what {@link #isOnItsWay}.
     *
     * @param limitOffset as in {@link #next}
     * @return as {@link #next}
     * @throws io.tidemill.errors.NetworkException when it does not come in time; the cursor stays where it was
     */
    default boolean awaitNext(long limitOffset) {
        return next(limitOffset);
    }

    /**
     * Goes to a time: steps onto the first batch of the log that holds a record of that time or a later one, if all of it
     * lies below the limit.
     *
     * @param timestampMs the time; records need not be in the order of their times
     * @param limitOffset as in {@link #next}
     * @return false when there is no such batch; then the cursor is at the limit
     * @throws io.tidemill.errors.CorruptRecordException as {@link #next} does
     */
    default boolean nextOfTime(long timestampMs, long limitOffset) {
        seek(0);
        while (awaitNext(limitOffset)) {
            if (BatchLayout.maxTimestamp(buffer(), batchIndex()) >= timestampMs) {
                return true;
            }
        }
        return false;
    }

    /**
     * Steps onto the first batch that holds a record of the newest time of all that lie below the limit.
     *
     * @param limitOffset as in {@link #next}
     * @return false when there is no batch
     * @throws io.tidemill.errors.CorruptRecordException as {@link #next} does
     */
    default boolean nextOfMaxTime(long limitOffset) {
        long newest = Long.MIN_VALUE;
        seek(0);
        while (awaitNext(limitOffset)) {
            newest = Math.max(newest, BatchLayout.maxTimestamp(buffer(), batchIndex()));
        }
        return nextOfTime(newest, limitOffset);
    }

    /**
     * Where the current batch lies.
     *
     * @return valid until the next call of {@link #next}, {@link #seek} or {@link #close}
     */
    DirectBuffer buffer();

    /**
     * Where in {@link #buffer} the current batch starts.
     *
     * @return an index
     */
    int batchIndex();

    @Override
    void close();
}
