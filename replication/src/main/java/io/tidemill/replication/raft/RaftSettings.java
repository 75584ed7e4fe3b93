package io.tidemill.replication.raft;

/**
 * How patient a server is, and how much may be under way.
 *
 * @param electionTimeoutNs a follower that hears no leader for this long, or up to twice as long by chance, wants an election; a
 *     leader that hears no majority for this long is none any more
 * @param heartbeatNs at least so often a leader speaks to everybody
 * @param appendBytesMax in one message, of entries or of a snapshot; no proposal may be larger
 * @param appendsInFlightMax so many messages with entries may be unanswered by a follower
 * @param uncommittedEntriesMax with so many a leader takes no more, so that a slow majority does not fill its memory
 */
public record RaftSettings(
        long electionTimeoutNs,
        long heartbeatNs,
        int appendBytesMax,
        int appendsInFlightMax,
        int uncommittedEntriesMax) {
    public RaftSettings {
        if (heartbeatNs <= 0 || electionTimeoutNs < 2 * heartbeatNs) {
            throw new IllegalArgumentException("an election time-out is two heartbeats at least: electionTimeoutNs="
                    + electionTimeoutNs + ", heartbeatNs=" + heartbeatNs);
        }
        if (appendBytesMax <= 0 || appendsInFlightMax <= 0 || uncommittedEntriesMax <= 0) {
            throw new IllegalArgumentException("limits must be positive: appendBytesMax=" + appendBytesMax
                    + ", appendsInFlightMax=" + appendsInFlightMax + ", uncommittedEntriesMax="
                    + uncommittedEntriesMax);
        }
    }
}
