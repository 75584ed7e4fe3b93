package io.tidemill.replication.replica;

import org.agrona.DirectBuffer;

/** Carries messages to other brokers: as long as both sides stay connected, each arrives once, and in order. */
public interface PeerLinks {
    /**
     * Sends a message of two parts, without waiting.
     *
     * @param head from index 0 on; copied
     * @param body copied
     * @return false when nothing was sent: there is no connection, or no room
     */
    boolean send(int toBrokerId, DirectBuffer head, int headLength, DirectBuffer body, int bodyIndex, int bodyLength);

    /** Whether there is a connection. */
    boolean isConnected(int brokerId);
}
