package io.tidemill.replication.raft;

import java.util.ArrayDeque;

/**
 * Reads that wait until it is certain that their server was leader when they were asked for: a majority must answer a message that
 * was sent later. Messages bear the number of a round; each read begins one.
 */
final class ReadRounds {
    /** The caller can have one read stand for many. */
    private static final int READS_MAX = 1_000;

    /**
     * @param index what must be published before the read
     */
    record Read(long readId, long index, long round) {}

    private final ArrayDeque<Read> waiting = new ArrayDeque<>();
    private long round;

    long round() {
        return round;
    }

    boolean isFull() {
        return waiting.size() >= READS_MAX;
    }

    void begin(long readId, long index) {
        round++;
        waiting.add(new Read(readId, index, round));
    }

    /** A majority has answered that round: those that are certain by now, and see all that they must, are ready. */
    void onConfirmed(long confirmedRound, long publishedIndex, Effects out) {
        for (Read read = waiting.peek(); read != null && read.round() <= confirmedRound; read = waiting.peek()) {
            if (read.index() > publishedIndex) {
                return;
            }
            out.readable(read.readId());
            waiting.remove();
        }
    }

    void failAll(Effects out) {
        waiting.forEach(read -> out.readFailed(read.readId()));
        waiting.clear();
    }
}
