package io.tidemill.replication.node;

import io.tidemill.replication.link.Links;
import io.tidemill.replication.replica.PeerLinks;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableDirectByteBuffer;

/** Where replicas speak with each other. Owned by the lane thread. */
final class DataLinks implements PeerLinks {
    private final Links links;
    private final ExpandableDirectByteBuffer message = new ExpandableDirectByteBuffer();

    DataLinks(Links links) {
        this.links = links;
    }

    @Override
    public boolean send(
            int toBrokerId, DirectBuffer head, int headLength, DirectBuffer body, int bodyIndex, int bodyLength) {
        message.putBytes(0, head, 0, headLength);
        message.putBytes(headLength, body, bodyIndex, bodyLength);
        return links.send(toBrokerId, Links.DATA, message, 0, headLength + bodyLength);
    }

    @Override
    public boolean isConnected(int brokerId) {
        return links.isConnected(brokerId);
    }
}
