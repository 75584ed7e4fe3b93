package io.tidemill.replication.raft;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the caller made of all entries up to an index, in place of them.
 *
 * @param index of the last entry that is in it
 * @param term of that entry
 * @param membership as of that entry
 * @param bytes the caller's
 */
public record RaftSnapshot(long index, long term, Membership membership, byte[] bytes) {
    /** In front of all entries. A cluster begins with its first voters, a server that is to join it with nobody known. */
    public static RaftSnapshot beginning(Membership membership) {
        return new RaftSnapshot(0, 0, membership, new byte[0]);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RaftSnapshot snapshot
                && index == snapshot.index
                && term == snapshot.term
                && membership.equals(snapshot.membership)
                && Arrays.equals(bytes, snapshot.bytes);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(index) + 31 * Long.hashCode(term);
    }
}
