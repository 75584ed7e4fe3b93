package io.tidemill.replication.raft;

/** Why a server does not do what it is asked for. */
public enum RaftRefusal {
    NOT_LEADER,
    /** It is handing its leadership over. */
    TRANSFERRING,
    /** Too much is under way; ask again later. */
    BACK_PRESSURED,
    /** The last change of the membership, or this leader's first entry, is not committed yet. */
    CHANGE_UNDER_WAY,
    /** The learner lacks entries that are committed; ask again later. */
    NOT_CAUGHT_UP,
    /** It is no such member, or is one already, or nobody would be left. */
    INVALID_MEMBER
}
