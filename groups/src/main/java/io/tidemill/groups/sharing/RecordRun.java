package io.tidemill.groups.sharing;

/** Neighbouring records, all of them in one state. */
public record RecordRun(long firstOffset, long lastOffset, RecordState state) {
    public RecordRun {
        if (firstOffset < 0 || lastOffset < firstOffset) {
            throw new IllegalArgumentException(
                    "no run of records: firstOffset=" + firstOffset + ", lastOffset=" + lastOffset);
        }
    }

    public long records() {
        return lastOffset - firstOffset + 1;
    }

    boolean overlaps(long first, long last) {
        return firstOffset <= last && lastOffset >= first;
    }

    RecordRun in(RecordState newState) {
        return new RecordRun(firstOffset, lastOffset, newState);
    }

    /** Those of its records that lie between these, both inclusive. */
    RecordRun between(long first, long last) {
        return new RecordRun(Math.max(firstOffset, first), Math.min(lastOffset, last), state);
    }
}
