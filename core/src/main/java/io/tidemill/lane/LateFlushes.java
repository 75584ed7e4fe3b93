package io.tidemill.lane;

import io.tidemill.runtime.DueTime;
import java.util.LinkedHashSet;
import java.util.Set;

/** Logs that have something to be flushed when time has passed. Owned by the lane thread. */
final class LateFlushes {
    private final Set<LogWriter> waiting = new LinkedHashSet<>();

    void add(LogWriter log) {
        waiting.add(log);
    }

    void remove(LogWriter log) {
        waiting.remove(log);
    }

    void clear() {
        waiting.clear();
    }

    void flushDue(long nowNs) {
        if (!waiting.isEmpty()) {
            for (LogWriter log : waiting) {
                log.flushIfLate(nowNs);
            }
            waiting.removeIf(log -> !log.waitsForFlush());
        }
    }

    void addDueTimes(DueTime dueTime) {
        if (!waiting.isEmpty()) {
            for (LogWriter log : waiting) {
                dueTime.add(log.flushDueNs());
            }
        }
    }
}
