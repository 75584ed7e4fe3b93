package io.tidemill.lane;

import io.tidemill.ring.RunSink;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Who wants to know of which records of a batch, in their order. Neighbours with the same sink, as a raw producer's are,
 * become one entry and are answered once. Owned by the lane thread.
 */
final class SinkRuns {
    private static final int INITIAL_CAPACITY = 64;

    private @Nullable RunSink[] sinks = new RunSink[INITIAL_CAPACITY];
    private int[] recordCounts = new int[INITIAL_CAPACITY];
    private int size;

    /** Answers whether it is another one than the last. */
    boolean add(@Nullable RunSink sink, int recordCount) {
        if (size > 0 && sinks[size - 1] == sink) {
            recordCounts[size - 1] += recordCount;
            return false;
        }
        if (size == sinks.length) {
            sinks = Arrays.copyOf(sinks, 2 * size);
            recordCounts = Arrays.copyOf(recordCounts, 2 * size);
        }
        sinks[size] = sink;
        recordCounts[size] = recordCount;
        size++;
        return true;
    }

    /** How many answers there will be, at most. */
    int size() {
        return size;
    }

    void appended(long baseOffset, long appendTimeMs) {
        long offset = baseOffset;
        for (int i = 0; i < size; i++) {
            RunSink sink = sinks[i];
            if (sink != null) {
                sink.onAppended(offset, recordCounts[i], appendTimeMs);
            }
            offset += recordCounts[i];
        }
    }

    void failed(RuntimeException cause) {
        for (int i = 0; i < size; i++) {
            RunSink sink = sinks[i];
            if (sink != null) {
                sink.onFailed(recordCounts[i], cause);
            }
        }
    }

    void clear() {
        Arrays.fill(sinks, 0, size, null);
        size = 0;
    }
}
