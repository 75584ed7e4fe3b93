package io.tidemill.groups.sharing;

import io.tidemill.groups.sharing.RecordState.Acquired;
import io.tidemill.groups.sharing.RecordState.Available;
import java.util.List;

/**
 * All that is known of a partition, and the event that makes it so: each one replaces the one before it, so they can be compacted.
 * What lies in front of the first run is done. An offset behind that which no run has, has no record.
 *
 * @param endOffset in front of which records were given out; exclusive
 * @param runs in ascending order, the first one not done
 */
public record ShareState(long endOffset, List<RecordRun> runs) {
    public ShareState {
        runs = List.copyOf(runs);
        long lastOffset = -1;
        for (RecordRun run : runs) {
            if (run.firstOffset() <= lastOffset) {
                throw new IllegalArgumentException("runs are not in order: run=" + run + ", lastOffset=" + lastOffset);
            }
            lastOffset = run.lastOffset();
        }
        if (endOffset <= lastOffset || (!runs.isEmpty() && runs.get(0).state().isDone())) {
            throw new IllegalArgumentException("no state of a partition: endOffset=" + endOffset + ", runs=" + runs);
        }
    }

    /** Nothing was given out, and all in front of this is done. */
    static ShareState at(long offset) {
        return new ShareState(offset, List.of());
    }

    long startOffset() {
        return runs.isEmpty() ? endOffset : runs.get(0).firstOffset();
    }

    /** How many there are between start and end, done or not. */
    long recordsInFlight() {
        long sum = 0;
        for (RecordRun run : runs) {
            sum += run.records();
        }
        return sum;
    }

    /** As it is when all members are forgotten: this is what is written. */
    ShareState withoutLocks() {
        RecordRuns unlocked = new RecordRuns();
        for (RecordRun run : runs) {
            unlocked.add(
                    run.state() instanceof Acquired acquired ? run.in(new Available(acquired.deliveryCount())) : run);
        }
        return unlocked.endingAt(endOffset);
    }
}
