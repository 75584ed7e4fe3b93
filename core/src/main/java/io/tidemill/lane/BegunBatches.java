package io.tidemill.lane;

import io.tidemill.runtime.DueTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Writers that have a batch: what the duty cycle brought, and what lingers. Owned by the lane thread. */
final class BegunBatches {
    /**
     * An append to one of a thousand logs, none of which is in the processor's caches, costs as much as tens of kilobytes.
     */
    private static final int BYTES_WORTH_APPENDING = 32 * 1024;

    private final List<PartitionWriter> writers = new ArrayList<>();

    void add(PartitionWriter writer) {
        writers.add(writer);
    }

    /** Whether more would make the appends cheaper, on average. */
    boolean areSmall() {
        long bytes = 0;
        for (int i = 0; i < writers.size(); i++) {
            bytes += writers.get(i).batchLength();
        }
        return bytes < (long) writers.size() * BYTES_WORTH_APPENDING;
    }

    /** How many wait for them, at most. */
    int answersOwed() {
        int sum = 0;
        for (int i = 0; i < writers.size(); i++) {
            sum += writers.get(i).answersOwed();
        }
        return sum;
    }

    boolean isAnyDue(long nowNs) {
        for (int i = 0; i < writers.size(); i++) {
            if (writers.get(i).isDue(nowNs)) {
                return true;
            }
        }
        return false;
    }

    /** Whether one is due that must be flushed before it is answered. */
    boolean isAnyFlushing(long nowNs) {
        for (int i = 0; i < writers.size(); i++) {
            if (writers.get(i).flushesEveryBatch() && writers.get(i).isDue(nowNs)) {
                return true;
            }
        }
        return false;
    }

    void addDueTimes(DueTime dueTime) {
        for (int i = 0; i < writers.size(); i++) {
            if (writers.get(i).isReady()) {
                dueTime.add(writers.get(i).dueNs());
            }
        }
    }

    /** Takes out those that are due, or all of them, each to be appended, and tells how many. */
    int takeDue(boolean areAllDue, long nowNs, Consumer<PartitionWriter> append) {
        int lingering = 0;
        for (int i = 0; i < writers.size(); i++) {
            PartitionWriter writer = writers.get(i);
            if (areAllDue || writer.isDue(nowNs)) {
                append.accept(writer);
            } else {
                writers.set(lingering++, writer);
            }
        }
        int taken = writers.size() - lingering;
        writers.subList(lingering, writers.size()).clear();
        return taken;
    }

    /** Takes out all; should one throw, they stay. */
    void takeAll(Consumer<PartitionWriter> end) {
        writers.forEach(end);
        writers.clear();
    }
}
