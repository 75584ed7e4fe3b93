package io.tidemill.spi;

import io.tidemill.PartitionMetrics;
import io.tidemill.errors.TidemillException;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An append-only sequence of batch entries (see {@code io.tidemill.batch.BatchLayout}) with dense offsets: each batch begins
 * where the one before ends, also when compaction took records out of it.
 * One thread at a time writes; any number of cursors read beside it, and one more thread may compact.
 */
public interface PartitionLog extends AutoCloseable {
    /**
     * Offset of the first record that can be read.
     *
     * @return inclusive; equal to {@link #endOffset} when the log is empty
     */
    long startOffset();

    /**
     * Offset that the next record will get. Writer's thread.
     *
     * @return exclusive end
     */
    long endOffset();

    /**
     * The largest batch that {@link #append} takes.
     *
     * @return bytes, header included
     */
    int batchBytesMax();

    /**
     * Appends one finished batch, all or nothing. Its base offset must equal {@link #endOffset}. Writer's thread.
     *
     * @param buffer holds the batch; not kept
     * @param index where the batch starts
     * @param length the batch's frame length
     * @throws io.tidemill.errors.StorageException when nothing was appended; the log stays usable
     */
    void append(DirectBuffer buffer, int index, int length);

    /**
     * Forgets every batch that holds an offset at or above this one, durably. A reader must be kept below it by its limit,
     * and compaction too. Writer's thread.
     *
     * @param endOffset not below {@link #startOffset}; nothing happens when it is not below {@link #endOffset}
     * @throws io.tidemill.errors.StorageException when nothing was forgotten; the log stays usable
     */
    void truncate(long endOffset);

    /**
     * Forgets everything, and goes on there, empty, durably: after a crash in between, the log is as it was before or as it is
     * after. Readers that are there find out that the start has moved, or read on what they have open; where it moved down, they
     * must be kept below it by their limit, as in {@link #truncate}. Writer's thread.
     *
     * @param startOffset from then on {@link #startOffset} and {@link #endOffset}; any that is not negative
     * @throws io.tidemill.errors.StorageException when nothing was forgotten; the log stays usable
     */
    void beginAt(long startOffset);

    /**
     * From now on it is kept otherwise. Any thread.
     *
     * @param settings which take effect at the next append, check or compaction
     */
    void alter(LogSettings settings);

    /**
     * Deletes from the start what the settings do not keep any more. It takes whole files, or what stands for files.
     * Readers that are there read on, or find out that the start has moved. Writer's thread.
     *
     * @throws io.tidemill.errors.StorageException when nothing was deleted; the log stays usable
     */
    void deleteOld();

    /**
     * Rewrites what lies behind so that each key keeps its last record, if the settings say that it is time. The part that
     * is appended to stays as it is, and so do the offsets of what is left. Readers that are there read on. Beside the
     * writer, on one thread at a time; it holds the writer up for the moment only in which the new takes the place of the
     * old.
     *
     * @param limitOffset what lies at it or above, and may yet be truncated, does not take part: a record that has gone does
     *     not come back when its successor is forgotten
     * @param isStopped asked all the time; once it says so, this returns soon
     * @return whether to call it again at once, because there was too much for one time
     * @throws io.tidemill.errors.TidemillException when it had to give up; what was replaced is replaced, the rest is as it
     *     was, and the log stays usable
     */
    boolean compact(long limitOffset, BooleanSupplier isStopped);

    /**
     * From now on somebody calls {@link #maintain}, soon after the signal was given.
     *
     * @param signal called by any thread, often, and cheap
     */
    default void maintainedBy(Runnable signal) {
        // a log that has nothing to maintain never calls it
    }

    /**
     * Does what would hold up the writer, beside it. Nothing depends on it but speed. One thread at a time, any.
     *
     * @return whether there was something to do
     */
    default boolean maintain() {
        return false;
    }

    /** After this, everything appended survives a crash of the machine. Writer's thread. */
    void flush();

    /**
     * What keeps the log from being flushed ever again, until it is opened anew; it may have failed beside the writer, so
     * that no call could tell. Any thread, also when the log is closed.
     *
     * @return null as long as there is nothing
     */
    default @Nullable TidemillException failure() {
        return null;
    }

    /**
     * Looks what another broker has appended or deleted since, where the store {@link LogStore#isReadOnly}: start and end are
     * moved by this alone. Costs little when there is nothing, and takes a bounded piece of what there is. Any thread.
     *
     * @throws io.tidemill.errors.TidemillException when it cannot be known; it can be tried again
     */
    default void refresh() {}

    /**
     * From now on somebody wants to know what the log does by itself.
     *
     * @param observer is told
     */
    default void observedBy(LogObserver observer) {
        // a log whose files nobody can see has nothing to tell
    }

    /**
     * How much the log holds. Any thread, also when the log is closed.
     *
     * @return bytes, or {@link io.tidemill.PartitionMetrics#UNKNOWN_BYTES}
     */
    default long bytes() {
        return PartitionMetrics.UNKNOWN_BYTES;
    }

    /**
     * Waits until {@link #startOffset}, and how far it may be read, are known, where another broker has to tell. Any thread but
     * the broker's own.
     *
     * @throws io.tidemill.errors.NetworkException when nobody tells in time
     */
    default void awaitBounds() {
        // who keeps the log knows
    }

    /**
     * A new reader at the start of the log. Any thread; where another broker keeps the log, as {@link #awaitBounds}.
     *
     * @return owned by the caller, and used by one thread at a time
     */
    LogCursor newCursor();

    /** Idempotent. Cursors that are open keep what they have, and read nothing more. */
    @Override
    void close();
}
