package io.tidemill.spi;

import io.tidemill.memory.MemoryStorage;

/**
 * A place that can hold a broker's logs: a directory, or memory. It holds nothing itself until a broker opens it, and
 * may be opened again after that broker closed.
 */
public interface Storage {
    /**
     * A place in memory. It lasts as long as this object, over any number of brokers that open it in turn.
     *
     * @return empty
     */
    static Storage inMemory() {
        return new MemoryStorage();
    }

    /**
     * Takes hold of the place: creates what is missing, locks it, recovers.
     *
     * @param clock what decides about time in the store
     * @return the open store, owned by the caller
     * @throws io.tidemill.errors.BrokerLockedException when another broker holds it
     * @throws io.tidemill.errors.StorageException when it cannot be used
     */
    LogStore open(Clock clock);
}
