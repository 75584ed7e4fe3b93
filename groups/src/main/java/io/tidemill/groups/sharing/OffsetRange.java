package io.tidemill.groups.sharing;

/** Neighbouring offsets, each with a record. */
public record OffsetRange(long firstOffset, long lastOffset) {
    public OffsetRange {
        if (firstOffset < 0 || lastOffset < firstOffset) {
            throw new IllegalArgumentException(
                    "no range of offsets: firstOffset=" + firstOffset + ", lastOffset=" + lastOffset);
        }
    }

    long records() {
        return lastOffset - firstOffset + 1;
    }
}
