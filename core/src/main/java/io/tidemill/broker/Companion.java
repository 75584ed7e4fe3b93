package io.tidemill.broker;

import java.time.Duration;

/** Lives in a broker from when it is asked for until that is closed: the coordinator of groups, for instance. */
public interface Companion {
    /** Topics or other brokers came, went or changed. Called by whoever did that, under the lock of the topics: takes no lock, waits for nobody. */
    void onMetadataChanged();

    /**
     * The broker is about to close, and everything works yet.
     *
     * @param patience how long may be waited, at most
     */
    default void onBrokerClosing(Duration patience) {
        // nobody has to know
    }

    /** Nothing works any more; whoever waits is to be woken. */
    void onBrokerClosed();

    /**
     * What it does by itself: on the thread that completes futures, between two of them, when {@link HostBroker#wakeup} was signalled or
     * {@link #idleNsMax} is over. Waits for nobody.
     *
     * @return how much was done
     */
    default int doWork() {
        return 0;
    }

    /** How long it has nothing to do by itself if nobody signals; any thread. */
    default long idleNsMax() {
        return Long.MAX_VALUE;
    }
}
