package io.tidemill.broker;

import io.tidemill.errors.ReadOnlyException;
import io.tidemill.spi.Storage;

/** Whether a broker may write into its storage, or only look at what another one writes. */
public record WriteAccess(Storage storage, boolean isReadOnly) {
    /**
     * Refuses to write.
     *
     * @throws ReadOnlyException where it may not
     */
    public void require() {
        if (isReadOnly) {
            throw new ReadOnlyException("the broker was opened to read only: storage=" + storage);
        }
    }
}
