package io.tidemill.broker;

/** Lives in a broker from when it is asked for until that is closed: the coordinator of groups, for instance. */
public interface Companion {
    /** Topics came, went or changed. Called by whoever did that, under the lock of the topics: takes no lock, waits for nobody. */
    void onTopicsChanged();

    /** Nothing works any more; whoever waits is to be woken. */
    void onBrokerClosed();
}
