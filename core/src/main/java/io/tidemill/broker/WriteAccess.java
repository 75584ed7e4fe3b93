package io.tidemill.broker;

import io.tidemill.errors.ReadOnlyException;
import io.tidemill.spi.Storage;

/** Whether a broker may write into its storage, or only look at what another one writes. */
record WriteAccess(Storage storage, boolean isReadOnly) {
    void require() {
        if (isReadOnly) {
            throw new ReadOnlyException("the broker was opened to read only: storage=" + storage);
        }
    }
}
