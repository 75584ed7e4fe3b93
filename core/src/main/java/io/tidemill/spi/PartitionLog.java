package io.tidemill.spi;

import org.agrona.DirectBuffer;

/**
 * An append-only sequence of batch entries (see {@code io.tidemill.batch.BatchLayout}) with dense offsets.
 * One thread at a time writes; any number of cursors read beside it.
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
     * Forgets every batch that holds an offset at or above this one, durably. A reader must be kept below it by its limit.
     * Writer's thread.
     *
     * @param endOffset not below {@link #startOffset}; nothing happens when it is not below {@link #endOffset}
     * @throws io.tidemill.errors.StorageException when nothing was forgotten; the log stays usable
     */
    void truncate(long endOffset);

    /**
     * Deletes from the start what the settings do not keep any more. It takes whole files, or what stands for files.
     * Readers that are there read on, or find out that the start has moved. Writer's thread.
     *
     * @throws io.tidemill.errors.StorageException when nothing was deleted; the log stays usable
     */
    void deleteOld();

    /** After this, everything appended survives a crash of the machine. Writer's thread. */
    void flush();

    /**
     * Looks what another broker has appended or deleted since, where the store {@link LogStore#isReadOnly}: start and end are
     * moved by this alone. Costs little when there is nothing, and takes a bounded piece of what there is. Any thread.
     *
     * @throws io.tidemill.errors.TidemillException when it cannot be known; it can be tried again
     */
    default void refresh() {}

    /**
     * A new reader at the start of the log. Any thread.
     *
     * @return owned by the caller, and used by one thread at a time
     */
    LogCursor newCursor();

    /** Idempotent. Cursors that are open keep what they have, and read nothing more. */
    @Override
    void close();
}
