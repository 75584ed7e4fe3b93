package io.tidemill.broker;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.runtime.DeferredInterrupt;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;

/** Opens brokers. Apart from them, because nothing of Agrona may be initialised before the JVM gives access. */
public final class BrokerOpening {
    private BrokerOpening() {}

    public static Broker inMemory() {
        JvmAccess.ensureAgrona();
        return open(Storage.inMemory(), BrokerSettings.defaults(), Seams.system());
    }

    public static Broker open(Storage storage, BrokerSettings settings, Seams seams) {
        return open(storage, settings, seams, new Alone());
    }

    /** One of several. */
    public static Broker open(Storage storage, BrokerSettings settings, Seams seams, PeerSide peers) {
        JvmAccess.ensureAgrona();
        return DeferredInterrupt.call(() -> LocalBroker.open(storage, settings, seams, peers));
    }
}
