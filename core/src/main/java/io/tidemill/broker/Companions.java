package io.tidemill.broker;

import io.tidemill.errors.BrokerClosedException;
import io.tidemill.runtime.TimedAgent;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Those of one broker, one of each type. Any thread. */
final class Companions implements TimedAgent {
    /** Held while one is made. */
    private final ReentrantLock making = new ReentrantLock();

    private final Map<Class<?>, Companion> byType = new ConcurrentHashMap<>();
    private volatile boolean isClosed;

    <T extends Companion> T get(Class<T> type, Supplier<T> maker) {
        Companion present = byType.get(type);
        return type.cast(present != null ? present : make(type, maker));
    }

    private Companion make(Class<?> type, Supplier<? extends Companion> maker) {
        making.lock();
        try {
            Companion present = byType.get(type);
            if (present == null) {
                present = maker.get();
                byType.put(type, present);
                // What changed while it was made, it has not heard of.
                present.onMetadataChanged();
                if (isClosed) {
                    present.onBrokerClosed();
                    throw new BrokerClosedException("the broker is closed", null);
                }
            }
            return present;
        } finally {
            making.unlock();
        }
    }

    void onMetadataChanged() {
        byType.values().forEach(Companion::onMetadataChanged);
    }

    @Override
    public int doWork() {
        int work = 0;
        for (Companion companion : byType.values()) {
            work += companion.doWork();
        }
        return work;
    }

    @Override
    public long idleNsMax() {
        long idleNs = Long.MAX_VALUE;
        for (Companion companion : byType.values()) {
            idleNs = Math.min(idleNs, companion.idleNsMax());
        }
        return idleNs;
    }

    @Override
    public String roleName() {
        return "tidemill-companions";
    }

    void onBrokerClosing(Duration patience) {
        byType.values().forEach(companion -> companion.onBrokerClosing(patience));
    }

    void onBrokerClosed() {
        isClosed = true;
        byType.values().forEach(Companion::onBrokerClosed);
    }
}
