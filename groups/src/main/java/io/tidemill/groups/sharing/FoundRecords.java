package io.tidemill.groups.sharing;

import java.util.List;

/**
 * What somebody saw who looked at a part of a partition: an offset of that part which is in no range has no record, and will
 * never have one.
 *
 * @param startOffset where the look began
 * @param ranges in ascending order
 * @param endOffset in front of which it ended; exclusive
 */
public record FoundRecords(long startOffset, List<OffsetRange> ranges, long endOffset) {
    public FoundRecords {
        ranges = List.copyOf(ranges);
        long lastOffset = startOffset - 1;
        for (OffsetRange range : ranges) {
            if (range.firstOffset() <= lastOffset) {
                throw new IllegalArgumentException(
                        "ranges are not in order: range=" + range + ", lastOffset=" + lastOffset);
            }
            lastOffset = range.lastOffset();
        }
        if (endOffset <= lastOffset) {
            throw new IllegalArgumentException(
                    "found behind the end: lastOffset=" + lastOffset + ", endOffset=" + endOffset);
        }
    }

    /** Nobody looked. */
    public static FoundRecords none() {
        return new FoundRecords(0, List.of(), 0);
    }
}
