package io.tidemill.replication.node;

import io.tidemill.replication.link.Links;
import io.tidemill.replication.replica.PeerLinks;
import org.agrona.DirectBuffer;

/** Where replicas speak with each other. Owned by the lane thread. */
final class DataLinks implements PeerLinks {
    private final Links links;

    DataLinks(Links links) {
        this.links = links;
    }

    @Override
    public boolean send(
            int toBrokerId, DirectBuffer head, int headLength, DirectBuffer body, int bodyIndex, int bodyLength) {
        return links.send(toBrokerId, Links.DATA, head, headLength, body, bodyIndex, bodyLength);
    }

    @Override
    public boolean isConnected(int brokerId) {
        return links.isConnected(brokerId);
    }
}
