package io.tidemill.replication.raft;

import java.util.ArrayDeque;

/** What a leader knows of another member, and how it sends to it. */
final class Progress {
    /** How entries go to it. */
    sealed interface Pace {}

    /**
     * It is not known up to where its log agrees: one message at a time.
     *
     * @param isAsked whether one is under way
     */
    record Probing(boolean isAsked) implements Pace {}

    /**
     * Its log agrees, so messages follow each other without waiting.
     *
     * @param inFlight the last indexes of those that are unanswered
     */
    record Streaming(ArrayDeque<Long> inFlight) implements Pace {}

    /**
     * It lacks entries that the leader has no more, so it gets a snapshot, a chunk at a time.
     *
     * @param isAsked whether a chunk is under way
     */
    record Installing(RaftSnapshot snapshot, int position, boolean isAsked) implements Pace {}

    private Pace pace = new Probing(false);
    private long matchIndex;
    private long nextIndex;
    private long answeredRound;
    private long heardNs;

    Progress(long nextIndex, long nowNs) {
        this.nextIndex = nextIndex;
        this.heardNs = nowNs;
    }

    Pace pace() {
        return pace;
    }

    void become(Pace newPace) {
        pace = newPace;
    }

    /** Up to there it has what the leader has, for certain. */
    long matchIndex() {
        return matchIndex;
    }

    /** From there on it is sent entries. */
    long nextIndex() {
        return nextIndex;
    }

    /** The newest round that it has answered. */
    long answeredRound() {
        return answeredRound;
    }

    boolean isHeardSince(long sinceNs) {
        return heardNs - sinceNs > 0;
    }

    boolean isAheadOf(Progress other) {
        return matchIndex == other.matchIndex ? heardNs - other.heardNs > 0 : matchIndex > other.matchIndex;
    }

    void onHeard(long round, long nowNs) {
        answeredRound = Math.max(answeredRound, round);
        heardNs = nowNs;
    }

    /** Entries up to there were sent ahead. */
    void onStreamed(Streaming streaming, long lastIndex) {
        streaming.inFlight().add(lastIndex);
        nextIndex = lastIndex + 1;
    }

    void onAck(long ackedIndex) {
        matchIndex = Math.max(matchIndex, ackedIndex);
        nextIndex = Math.max(nextIndex, matchIndex + 1);
        if (pace instanceof Streaming streaming) {
            streaming.inFlight().removeIf(lastIndex -> lastIndex <= matchIndex);
        } else if (!(pace instanceof Installing installing)
                || matchIndex >= installing.snapshot().index()) {
            pace = new Streaming(new ArrayDeque<>());
        }
    }

    /**
     * It does not have what is in front of the entries that it was sent.
     *
     * @param prevIndex what was in front of them
     * @param agreeingIndex the last that may agree
     */
    void onRefusal(long prevIndex, long agreeingIndex) {
        boolean isLate = prevIndex <= matchIndex || (pace instanceof Probing && prevIndex != nextIndex - 1);
        if (!isLate && !(pace instanceof Installing)) {
            nextIndex = Math.max(Math.min(agreeingIndex, prevIndex - 1), matchIndex) + 1;
            pace = new Probing(false);
        }
    }
}
