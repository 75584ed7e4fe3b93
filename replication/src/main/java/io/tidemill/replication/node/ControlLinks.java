package io.tidemill.replication.node;

import io.tidemill.replication.controller.ClusterAnswer;
import io.tidemill.replication.controller.ClusterRequest;
import io.tidemill.replication.controller.ControllerMessageLayout;
import io.tidemill.replication.link.Links;
import io.tidemill.replication.raft.RaftMessage;
import io.tidemill.replication.raft.RaftMessageLayout;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where brokers speak with each other about the cluster. If there is no way to one, or no room, what is said to it is lost, which is as
 * good as on the way. Owned by the lane thread.
 */
final class ControlLinks {
    private final Links links;

    ControlLinks(Links links) {
        this.links = links;
    }

    void raft(int toBrokerId, RaftMessage message) {
        send(toBrokerId, ControlMessageLayout.RAFT, 0, 0, RaftMessageLayout.bytes(message));
    }

    /** Answers whether it was sent. */
    boolean request(int toBrokerId, long id, ClusterRequest request) {
        return send(toBrokerId, ControlMessageLayout.REQUEST, id, 0, ControllerMessageLayout.bytes(request));
    }

    /** @param metadataEpoch from which on the answer is true */
    void answer(int toBrokerId, long id, long metadataEpoch, ClusterAnswer answer) {
        send(toBrokerId, ControlMessageLayout.ANSWER, id, metadataEpoch, ControllerMessageLayout.bytes(answer));
    }

    private boolean send(int toBrokerId, byte kind, long id, long epoch, byte[] content) {
        UnsafeBuffer message = ControlMessageLayout.message(kind, id, epoch, content);
        return links.send(toBrokerId, Links.CONTROL, message, 0, message.capacity());
    }
}
