package io.tidemill.replication.replica;

import java.util.PriorityQueue;

/** Who is to be told when records are committed, in the order of these. Owned by the lane thread. */
final class CommitWaits {
    private record Wait(long endOffset, long ordinal, AppendListener listener, AppendAnswer answer)
            implements Comparable<Wait> {
        @Override
        public int compareTo(Wait that) {
            int byOffset = Long.compare(endOffset, that.endOffset);
            return byOffset != 0 ? byOffset : Long.compare(ordinal, that.ordinal);
        }
    }

    private final PriorityQueue<Wait> waits = new PriorityQueue<>();
    private long ordinal;

    /** To be told when everything below that offset is committed. */
    void add(long endOffset, AppendListener listener, AppendAnswer answer) {
        waits.add(new Wait(endOffset, ordinal++, listener, answer));
    }

    void onCommitted(long highWatermark) {
        for (Wait wait = waits.peek(); wait != null && wait.endOffset <= highWatermark; wait = waits.peek()) {
            waits.poll();
            wait.listener.onAnswer(wait.answer);
        }
    }
}
