package io.tidemill.groups.sharing;

import io.tidemill.groups.sharing.RecordState.Acquired;
import io.tidemill.groups.sharing.RecordState.Available;
import java.util.ArrayList;
import java.util.List;

/** One request for records, and what comes of it. */
final class Acquisition {
    private final String memberId;
    private final long deadlineNs;
    private long recordsLeft;
    private final RecordRuns runs = new RecordRuns();
    private final List<Delivery> deliveries = new ArrayList<>();

    Acquisition(String memberId, long deadlineNs, int recordsMax) {
        this.memberId = memberId;
        this.deadlineNs = deadlineNs;
        this.recordsLeft = recordsMax;
    }

    /** Those that were given out before: keeps all of them, and takes those that are available again. */
    void takeAgain(List<RecordRun> known) {
        for (RecordRun run : known) {
            if (run.state() instanceof Available available) {
                long untaken = take(run.firstOffset(), run.lastOffset(), available.deliveryCount() + 1);
                if (untaken <= run.lastOffset()) {
                    runs.add(run.between(untaken, run.lastOffset()));
                }
            } else {
                runs.add(run);
            }
        }
    }

    /**
     * Those that nobody had.
     *
     * @param endOffset in front of which all were given out
     * @param newMax how many it may be
     * @return in front of which all are given out now
     */
    long takeNew(FoundRecords found, long endOffset, long newMax) {
        if (found.startOffset() > endOffset) {
            // Nobody knows what lies in between.
            return endOffset;
        }
        recordsLeft = Math.min(recordsLeft, newMax);
        for (OffsetRange range : found.ranges()) {
            if (range.lastOffset() >= endOffset) {
                long untaken = take(Math.max(range.firstOffset(), endOffset), range.lastOffset(), 1);
                if (untaken <= range.lastOffset()) {
                    return untaken;
                }
            }
        }
        return Math.max(endOffset, found.endOffset());
    }

    /** As many as may still be taken; answers the first offset that was not. */
    private long take(long firstOffset, long lastOffset, int deliveryCount) {
        if (recordsLeft <= 0) {
            return firstOffset;
        }
        long lastTaken = Math.min(lastOffset, firstOffset + recordsLeft - 1);
        runs.add(new RecordRun(firstOffset, lastTaken, new Acquired(deliveryCount, memberId, deadlineNs)));
        deliveries.add(new Delivery(firstOffset, lastTaken, deliveryCount));
        recordsLeft -= lastTaken - firstOffset + 1;
        return lastTaken + 1;
    }

    RecordRuns runs() {
        return runs;
    }

    List<Delivery> deliveries() {
        return deliveries;
    }
}
