package io.tidemill.replication.raft;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.metadata.EventBytes;
import io.tidemill.replication.raft.RaftMessage.AppendAck;
import io.tidemill.replication.raft.RaftMessage.AppendRefusal;
import io.tidemill.replication.raft.RaftMessage.AppendRequest;
import io.tidemill.replication.raft.RaftMessage.ChunkAck;
import io.tidemill.replication.raft.RaftMessage.NewerTerm;
import io.tidemill.replication.raft.RaftMessage.SnapshotChunk;
import io.tidemill.replication.raft.RaftMessage.TimeoutNow;
import io.tidemill.replication.raft.RaftMessage.VoteGrant;
import io.tidemill.replication.raft.RaftMessage.VoteRequest;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as bytes.
 *
 * <pre>
 *   message   version = 0 (int8) | kind (int8) | term (int64) | what the kind adds
 *     vote request    1 | pre-vote? (int8) | last index (int64) | last term (int64)
 *     vote grant      2 | pre-vote? (int8)
 *     append request  3 | round (int64) | prev index (int64) | prev term (int64) | commit index (int64)
 *                       | number of entries (int32) | entries
 *     append ack      4 | round (int64) | match index (int64)
 *     append refusal  5 | round (int64) | prev index (int64) | hint index (int64) | hint term (int64)
 *     snapshot chunk  6 | round (int64) | snapshot index (int64) | snapshot term (int64) | membership
 *                       | total bytes (int32) | position (int32) | length (int32) | bytes
 *     chunk ack       7 | round (int64) | snapshot index (int64) | next position (int32)
 *     time-out now    8 |
 *     newer term      9 |
 *
 *   entries and membership as in {@link RaftEntryLayout}
 *   all numbers big-endian; the entries of a message follow its prev index, one by one
 * </pre>
 */
public final class RaftMessageLayout {
    private static final byte VERSION = 0;
    private static final byte VOTE_REQUEST = 1;
    private static final byte VOTE_GRANT = 2;
    private static final byte APPEND_REQUEST = 3;
    private static final byte APPEND_ACK = 4;
    private static final byte APPEND_REFUSAL = 5;
    private static final byte SNAPSHOT_CHUNK = 6;
    private static final byte CHUNK_ACK = 7;
    private static final byte TIMEOUT_NOW = 8;
    private static final byte NEWER_TERM = 9;

    private RaftMessageLayout() {}

    public static byte[] bytes(RaftMessage message) {
        return EventBytes.of(out -> {
            out.writeByte(VERSION);
            if (message instanceof VoteRequest request) {
                putHead(out, VOTE_REQUEST, message);
                out.writeBoolean(request.isPreVote());
                out.writeLong(request.lastIndex());
                out.writeLong(request.lastTerm());
            } else if (message instanceof VoteGrant grant) {
                putHead(out, VOTE_GRANT, message);
                out.writeBoolean(grant.isPreVote());
            } else if (message instanceof AppendRequest request) {
                putHead(out, APPEND_REQUEST, message);
                putAppend(out, request);
            } else if (message instanceof AppendAck ack) {
                putHead(out, APPEND_ACK, message);
                out.writeLong(ack.round());
                out.writeLong(ack.matchIndex());
            } else if (message instanceof AppendRefusal refusal) {
                putHead(out, APPEND_REFUSAL, message);
                out.writeLong(refusal.round());
                out.writeLong(refusal.prevIndex());
                out.writeLong(refusal.hintIndex());
                out.writeLong(refusal.hintTerm());
            } else if (message instanceof SnapshotChunk chunk) {
                putHead(out, SNAPSHOT_CHUNK, message);
                putChunk(out, chunk);
            } else if (message instanceof ChunkAck ack) {
                putHead(out, CHUNK_ACK, message);
                out.writeLong(ack.round());
                out.writeLong(ack.snapshotIndex());
                out.writeInt(ack.nextPosition());
            } else if (message instanceof TimeoutNow) {
                putHead(out, TIMEOUT_NOW, message);
            } else if (message instanceof NewerTerm) {
                putHead(out, NEWER_TERM, message);
            }
        });
    }

    private static void putHead(DataOutputStream out, byte kind, RaftMessage message) throws IOException {
        out.writeByte(kind);
        out.writeLong(message.term());
    }

    private static void putAppend(DataOutputStream out, AppendRequest request) throws IOException {
        out.writeLong(request.round());
        out.writeLong(request.prevIndex());
        out.writeLong(request.prevTerm());
        out.writeLong(request.commitIndex());
        out.writeInt(request.entries().size());
        for (RaftEntry entry : request.entries()) {
            RaftEntryLayout.putEntry(out, entry);
        }
    }

    private static void putChunk(DataOutputStream out, SnapshotChunk chunk) throws IOException {
        out.writeLong(chunk.round());
        out.writeLong(chunk.snapshotIndex());
        out.writeLong(chunk.snapshotTerm());
        RaftEntryLayout.putMembership(out, chunk.membership());
        out.writeInt(chunk.totalBytes());
        out.writeInt(chunk.position());
        out.writeInt(chunk.bytes().length);
        out.write(chunk.bytes());
    }

    /** What {@link #bytes} made. What is not known, or not whole, is refused. */
    public static RaftMessage message(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            byte version = buffer.get();
            if (version != VERSION) {
                throw new IllegalArgumentException("unknown version: version=" + version);
            }
            RaftMessage message = getMessage(buffer);
            if (buffer.hasRemaining()) {
                throw new IllegalArgumentException("more than a message: bytes left=" + buffer.remaining());
            }
            return message;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new CorruptRecordException("message of a cluster cannot be read: bytes=" + bytes.length, e);
        }
    }

    private static RaftMessage getMessage(ByteBuffer buffer) {
        byte kind = buffer.get();
        long term = buffer.getLong();
        return switch (kind) {
            case VOTE_REQUEST -> new VoteRequest(term, getBoolean(buffer), buffer.getLong(), buffer.getLong());
            case VOTE_GRANT -> new VoteGrant(term, getBoolean(buffer));
            case APPEND_REQUEST -> getAppend(term, buffer);
            case APPEND_ACK -> new AppendAck(term, buffer.getLong(), buffer.getLong());
            case APPEND_REFUSAL ->
                new AppendRefusal(term, buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
            case SNAPSHOT_CHUNK -> getChunk(term, buffer);
            case CHUNK_ACK -> new ChunkAck(term, buffer.getLong(), buffer.getLong(), buffer.getInt());
            case TIMEOUT_NOW -> new TimeoutNow(term);
            case NEWER_TERM -> new NewerTerm(term);
            default -> throw new IllegalArgumentException("unknown kind: kind=" + kind);
        };
    }

    private static boolean getBoolean(ByteBuffer buffer) {
        return buffer.get() != 0;
    }

    private static AppendRequest getAppend(long term, ByteBuffer buffer) {
        long round = buffer.getLong();
        long prevIndex = buffer.getLong();
        long prevTerm = buffer.getLong();
        long commitIndex = buffer.getLong();
        List<RaftEntry> entries = new ArrayList<>();
        for (int left = buffer.getInt(); left > 0; left--) {
            entries.add(RaftEntryLayout.getEntry(buffer, prevIndex + 1 + entries.size()));
        }
        return new AppendRequest(term, round, prevIndex, prevTerm, commitIndex, entries);
    }

    private static SnapshotChunk getChunk(long term, ByteBuffer buffer) {
        return new SnapshotChunk(
                term,
                buffer.getLong(),
                buffer.getLong(),
                buffer.getLong(),
                RaftEntryLayout.getMembership(buffer),
                buffer.getInt(),
                buffer.getInt(),
                RaftEntryLayout.getBytes(buffer));
    }
}
