package io.tidemill.replication.link;

import org.agrona.DirectBuffer;

/** Hears what comes from other brokers, inside of {@link Links#poll}. It may send, but neither poll nor throw. */
public interface LinkHandler {
    /** From now on messages can be sent to that broker, and come from it. */
    void onConnected(int brokerId);

    /** The next message of a channel; the buffer is valid during this call only. */
    void onMessage(int fromBrokerId, int channel, DirectBuffer buffer, int index, int length);

    /** What was sent to that broker and not answered may have arrived or not; nothing of it arrives from now on. */
    void onDisconnected(int brokerId);
}
