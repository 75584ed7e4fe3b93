package io.tidemill.replication.raft;

import io.tidemill.replication.raft.RaftMessage.SnapshotChunk;
import java.io.ByteArrayOutputStream;

/** A snapshot of which some chunks have come, without a gap. */
final class IncomingSnapshot {
    private final long index;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    IncomingSnapshot(long index) {
        this.index = index;
    }

    long index() {
        return index;
    }

    /** Where the next chunk is to begin. */
    int nextPosition() {
        return bytes.size();
    }

    /** One that is not the next is left out: it came twice, or will come again. */
    void take(SnapshotChunk chunk) {
        if (chunk.position() == bytes.size()) {
            bytes.writeBytes(chunk.bytes());
        }
    }

    RaftSnapshot toSnapshot(SnapshotChunk lastChunk) {
        return new RaftSnapshot(index, lastChunk.snapshotTerm(), lastChunk.membership(), bytes.toByteArray());
    }
}
