package io.tidemill.replication.raft;

import io.tidemill.replication.raft.RaftEntry.Content;
import io.tidemill.replication.raft.RaftEntry.Members;
import io.tidemill.replication.raft.RaftEntry.NoOp;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;

/**
 * Entries as bytes, the same in messages and on disks. What cannot be got is told by a {@link BufferUnderflowException} or an
 * {@link IllegalArgumentException}, for who knows the whole to explain.
 *
 * <pre>
 *   entry       term (int64) | kind (int8) | length in bytes (int32) | content
 *   content     proposal: kind 1, the bytes;   no-op: kind 2, nothing;   members: kind 3, membership
 *   membership  number of voters (int32) | ids (int32) | number of learners (int32) | ids (int32), each in ascending order
 *   all numbers big-endian; the index of an entry is known from its place
 * </pre>
 */
public final class RaftEntryLayout {
    /** What an entry takes beside its content. */
    static final int HEADER_BYTES = 13;

    private static final byte PROPOSAL = 1;
    private static final byte NO_OP = 2;
    private static final byte MEMBERS = 3;

    private RaftEntryLayout() {}

    static int bytes(RaftEntry entry) {
        return HEADER_BYTES + contentBytes(entry.content());
    }

    private static int contentBytes(Content content) {
        if (content instanceof Proposal proposal) {
            return proposal.bytes().length;
        } else if (content instanceof Members members) {
            Membership membership = members.membership();
            return Integer.BYTES
                    * (2 + membership.voters().size() + membership.learners().size());
        }
        return 0;
    }

    public static void putEntry(DataOutputStream out, RaftEntry entry) throws IOException {
        Content content = entry.content();
        out.writeLong(entry.term());
        out.writeByte(content instanceof Proposal ? PROPOSAL : content instanceof NoOp ? NO_OP : MEMBERS);
        out.writeInt(contentBytes(content));
        if (content instanceof Proposal proposal) {
            out.write(proposal.bytes());
        } else if (content instanceof Members members) {
            putMembership(out, members.membership());
        }
    }

    public static void putMembership(DataOutputStream out, Membership membership) throws IOException {
        putIds(out, membership.voters());
        putIds(out, membership.learners());
    }

    private static void putIds(DataOutputStream out, Set<Integer> ids) throws IOException {
        out.writeInt(ids.size());
        for (int id : ids) {
            out.writeInt(id);
        }
    }

    public static RaftEntry getEntry(ByteBuffer buffer, long index) {
        long term = buffer.getLong();
        byte kind = buffer.get();
        return new RaftEntry(index, term, content(kind, getBytes(buffer)));
    }

    private static Content content(byte kind, byte[] content) {
        return switch (kind) {
            case PROPOSAL -> new Proposal(content);
            case NO_OP -> new NoOp();
            case MEMBERS -> new Members(getMembership(ByteBuffer.wrap(content)));
            default -> throw new IllegalArgumentException("unknown kind of an entry: kind=" + kind);
        };
    }

    public static Membership getMembership(ByteBuffer buffer) {
        return new Membership(getIds(buffer), getIds(buffer));
    }

    private static Set<Integer> getIds(ByteBuffer buffer) {
        Set<Integer> ids = new TreeSet<>();
        for (int left = buffer.getInt(); left > 0; left--) {
            ids.add(buffer.getInt());
        }
        return ids;
    }

    /** As many as the number in front of them says. */
    static byte[] getBytes(ByteBuffer buffer) {
        int length = buffer.getInt();
        if (length < 0 || length > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }
}
