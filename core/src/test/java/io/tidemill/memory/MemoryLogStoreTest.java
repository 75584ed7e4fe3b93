package io.tidemill.memory;

import io.tidemill.spi.LogStoreContract;
import io.tidemill.spi.Storage;

final class MemoryLogStoreTest extends LogStoreContract {
    @Override
    protected Storage newStorage() {
        return new MemoryStorage();
    }
}
