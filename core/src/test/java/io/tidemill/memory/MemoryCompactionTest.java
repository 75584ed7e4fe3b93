package io.tidemill.memory;

import io.tidemill.spi.CompactionContract;
import io.tidemill.spi.Storage;

/** R06, in memory. */
class MemoryCompactionTest extends CompactionContract {
    @Override
    protected Storage newStorage() {
        return Storage.inMemory();
    }
}
