package io.tidemill.memory;

import io.tidemill.errors.BrokerLockedException;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.Storage;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A place in memory. It keeps its content for as long as it is referenced, over any number of brokers that open and
 * close it one after the other: to a broker, that is what a directory is. Nothing is lost by a close without a flush.
 * Any thread may call.
 */
public final class MemoryStorage implements Storage {
    private final Map<String, BatchChunks> logs = new ConcurrentHashMap<>();
    private final Map<String, byte[]> states = new ConcurrentHashMap<>();
    private final AtomicBoolean locked = new AtomicBoolean();

    @Override
    public LogStore open(Clock clock) {
        if (!locked.compareAndSet(false, true)) {
            throw new BrokerLockedException("memory storage is in use by another broker of this process");
        }
        return new MemoryLogStore(logs, states, clock, () -> locked.set(false));
    }
}
