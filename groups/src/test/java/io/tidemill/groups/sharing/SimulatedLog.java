package io.tidemill.groups.sharing;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Which offsets of a partition have records. */
final class SimulatedLog {
    /** A look sees no more offsets than that. */
    private static final int LOOK_MAX = 50;

    private final SplittableRandom random;
    private final TreeSet<Long> offsets = new TreeSet<>();
    private long startOffset;
    private long endOffset;

    SimulatedLog(SplittableRandom random) {
        this.random = random;
    }

    /** Some, and some offsets between them are left out. */
    void append() {
        for (int left = random.nextInt(20); left > 0; left--) {
            endOffset += random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0;
            offsets.add(endOffset++);
        }
    }

    void compact() {
        offsets.removeIf(offset -> random.nextInt(8) == 0);
    }

    void deleteBefore(long offset) {
        startOffset = Math.min(endOffset, Math.max(startOffset, offset));
        offsets.headSet(startOffset).clear();
    }

    /** The machine crashed. */
    void loseTail(int offsetsMax) {
        endOffset = Math.max(startOffset, endOffset - random.nextInt(offsetsMax));
        offsets.tailSet(endOffset).clear();
    }

    FoundRecords look(long from) {
        List<OffsetRange> ranges = new ArrayList<>();
        long end = Math.max(from, Math.min(endOffset, from + random.nextInt(LOOK_MAX)));
        for (long offset : offsets.subSet(from, end)) {
            OffsetRange last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            // Neighbours may come in two ranges, as they do from two batches.
            if (last != null && last.lastOffset() + 1 == offset && random.nextInt(8) > 0) {
                ranges.set(ranges.size() - 1, new OffsetRange(last.firstOffset(), offset));
            } else {
                ranges.add(new OffsetRange(offset, offset));
            }
        }
        return new FoundRecords(from, ranges, end);
    }

    boolean contains(long offset) {
        return offsets.contains(offset);
    }

    /** Those that have records. */
    NavigableSet<Long> offsets() {
        return offsets;
    }

    long startOffset() {
        return startOffset;
    }

    long endOffset() {
        return endOffset;
    }
}
