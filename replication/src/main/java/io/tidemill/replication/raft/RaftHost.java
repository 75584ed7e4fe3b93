package io.tidemill.replication.raft;

import java.util.List;

/**
 * Carries a core's wishes out. {@link Effects#carryOut} calls in the order of these methods. What is to be durable may become so
 * later, but in this order, and only {@link #flush} says by when: then the caller tells {@link RaftCore#onPersisted}.
 */
public interface RaftHost {
    void persist(Ballot ballot);

    /** No entry from that index on counts any more, if there is one. */
    void truncateFrom(long index);

    /** In place of the one before; when it is durable, entries up to its index do not count any more. */
    void saveSnapshot(RaftSnapshot snapshot);

    /** Behind what there is. */
    void append(List<RaftEntry> entries);

    /** All of the above is to be durable, and what was wished before as well. */
    void flush(long write);

    void send(int toId, RaftMessage message);

    /** A snapshot came from the leader, and takes the place of all that was published. */
    void restore(RaftSnapshot snapshot);

    /** These are committed, and durable here. They follow what was published before, without a gap. */
    void publish(List<RaftEntry> entries);

    /** Who reads now what was published reads all that was committed when the read was asked for. */
    void onReadable(long readId);

    /** It is not known whether this server is leader; ask again. */
    void onReadFailed(long readId);
}
