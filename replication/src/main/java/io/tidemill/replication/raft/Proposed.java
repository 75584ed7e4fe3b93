package io.tidemill.replication.raft;

/** What becomes of a proposal. */
public sealed interface Proposed {
    /**
     * In the leader's log. It is committed if the entry that is published at this index has this term, and lost if it has another;
     * nothing else tells.
     *
     * @param firstIndex of the first entry; the others follow
     */
    record Accepted(long firstIndex, long term) implements Proposed {}

    /** Not in any log. */
    record Refused(RaftRefusal refusal) implements Proposed {}
}
