package io.tidemill.replication.raft;

import java.util.List;

/**
 * What a server finds on its disk when it starts.
 *
 * @param entries in the order of their indexes, without a gap behind the snapshot; some that it has may be there still
 */
public record Persisted(Ballot ballot, RaftSnapshot snapshot, List<RaftEntry> entries) {
    public Persisted {
        entries = List.copyOf(entries);
    }

    /** A server's first start. */
    public static Persisted nothing(Membership membership) {
        return new Persisted(Ballot.NONE, RaftSnapshot.beginning(membership), List.of());
    }
}
