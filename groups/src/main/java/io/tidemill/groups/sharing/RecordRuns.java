package io.tidemill.groups.sharing;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs as they are put together, in ascending order, and as few as that takes: neighbours in one state become one, and what is
 * done in front of all that is not is left out.
 */
final class RecordRuns {
    private final List<RecordRun> runs = new ArrayList<>();

    void add(RecordRun run) {
        if (runs.isEmpty()) {
            if (!run.state().isDone()) {
                runs.add(run);
            }
            return;
        }
        int lastIndex = runs.size() - 1;
        RecordRun last = runs.get(lastIndex);
        if (last.lastOffset() + 1 == run.firstOffset() && last.state().equals(run.state())) {
            runs.set(lastIndex, new RecordRun(last.firstOffset(), run.lastOffset(), run.state()));
        } else {
            runs.add(run);
        }
    }

    ShareState endingAt(long endOffset) {
        return new ShareState(endOffset, runs);
    }
}
