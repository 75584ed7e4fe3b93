package io.tidemill.spi;

import java.util.Set;

/**
 * The open storage of one broker: logs by name, and small state beside them. Thread-safe. Closing it closes every log
 * that it opened.
 */
public interface LogStore extends AutoCloseable {
    /**
     * Opens a log, and creates it first where it does not exist. A log is open once at a time.
     *
     * @param name letters, digits, '.', '_' and '-', at most 255 of them
     * @param settings how it is kept from now on
     * @return the log, owned by the caller
     * @throws io.tidemill.errors.StorageException when it cannot be read or created; then nothing of it is left open
     */
    PartitionLog openLog(String name, LogSettings settings);

    /**
     * Opens a log with {@link LogSettings#defaults}.
     *
     * @param name as above
     * @return as above
     */
    default PartitionLog openLog(String name) {
        return openLog(name, LogSettings.defaults());
    }

    /**
     * Every log that exists, open or not.
     *
     * @return a copy
     */
    Set<String> logNames();

    /**
     * Removes a log that is not open, with everything in it. Nothing happens when there is none.
     *
     * @param name as in {@link #openLog}
     */
    void deleteLog(String name);

    /**
     * A small piece of durable state.
     *
     * @param name as in {@link #openLog}
     * @return the file, which need not have content yet
     */
    StateFile stateFile(String name);

    /**
     * Whether this only looks at what another broker writes, and may be writing now. Then everything that would write throws
     * {@link io.tidemill.errors.ReadOnlyException}, a log that does not exist is empty until it does, and what is appended
     * is found by {@link PartitionLog#refresh}.
     *
     * @return false for a store that is one's own
     */
    default boolean isReadOnly() {
        return false;
    }

    /**
     * Whether records may be gone that were appended before it was opened, and not flushed: the machine has crashed since.
     *
     * @return false where nothing can have been lost
     */
    default boolean mayHaveLostTails() {
        return false;
    }

    @Override
    void close();
}
