package io.tidemill.replication.raft;

/**
 * What a server must never forget of elections.
 *
 * @param term the newest it has heard of
 * @param votedFor whom it voted for in that term, or {@link #NOBODY}
 */
public record Ballot(long term, int votedFor) {
    public static final int NOBODY = -1;

    /** Of a server that has never run. */
    public static final Ballot NONE = new Ballot(0, NOBODY);
}
