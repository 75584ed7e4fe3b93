package io.tidemill.replication.raft.store;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.metadata.EventBytes;
import io.tidemill.replication.raft.Ballot;
import io.tidemill.replication.raft.Membership;
import io.tidemill.replication.raft.RaftEntry;
import io.tidemill.replication.raft.RaftEntryLayout;
import io.tidemill.replication.raft.RaftSnapshot;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * What lies on the disk, as bytes. That they are those that were written, is for the store to tell.
 *
 * <pre>
 *   __cluster_metadata.ballot        version = 0 (int8) | term (int64) | voted for (int32)
 *   __cluster_metadata.snapshot      version = 0 (int8) | generation (int32) | index (int64) | term (int64) | membership | bytes
 *   __cluster_metadata-&lt;generation&gt;  a log; each batch has one record, without a key; its value is an entry
 *
 *   entry and membership as in {@link RaftEntryLayout}; all numbers big-endian
 *   index of an entry = index of the snapshot + 1 + offset in the log
 * </pre>
 *
 * The version of the snapshot is that of its log as well.
 */
final class RaftStoreLayout {
    private static final byte VERSION = 0;

    /**
     * @param generation of the log behind it
     */
    record KeptSnapshot(int generation, RaftSnapshot snapshot) {}

    private RaftStoreLayout() {}

    static byte[] bytes(Ballot ballot) {
        return EventBytes.of(out -> {
            out.writeByte(VERSION);
            out.writeLong(ballot.term());
            out.writeInt(ballot.votedFor());
        });
    }

    static Ballot ballot(byte[] bytes) {
        return get(bytes, buffer -> {
            requireVersion(buffer);
            return new Ballot(buffer.getLong(), buffer.getInt());
        });
    }

    static byte[] bytes(KeptSnapshot kept) {
        RaftSnapshot snapshot = kept.snapshot();
        return EventBytes.of(out -> {
            out.writeByte(VERSION);
            out.writeInt(kept.generation());
            out.writeLong(snapshot.index());
            out.writeLong(snapshot.term());
            RaftEntryLayout.putMembership(out, snapshot.membership());
            out.write(snapshot.bytes());
        });
    }

    static KeptSnapshot snapshot(byte[] bytes) {
        return get(bytes, buffer -> {
            requireVersion(buffer);
            int generation = buffer.getInt();
            long index = buffer.getLong();
            long term = buffer.getLong();
            Membership membership = RaftEntryLayout.getMembership(buffer);
            byte[] rest = new byte[buffer.remaining()];
            buffer.get(rest);
            return new KeptSnapshot(generation, new RaftSnapshot(index, term, membership, rest));
        });
    }

    static byte[] bytes(RaftEntry entry) {
        return EventBytes.of(out -> RaftEntryLayout.putEntry(out, entry));
    }

    static RaftEntry entry(byte[] bytes, long index) {
        return get(bytes, buffer -> RaftEntryLayout.getEntry(buffer, index));
    }

    private static void requireVersion(ByteBuffer buffer) {
        byte version = buffer.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("unknown version: version=" + version);
        }
    }

    private static <T> T get(byte[] bytes, Function<ByteBuffer, T> content) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            T got = content.apply(buffer);
            if (buffer.hasRemaining()) {
                throw new IllegalArgumentException("more than was to be read: bytes left=" + buffer.remaining());
            }
            return got;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new CorruptRecordException("what a cluster has on its disk cannot be read: bytes=" + bytes.length, e);
        }
    }
}
