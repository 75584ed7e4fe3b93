package io.tidemill.replication.link;

/** Ranges of positions, ascending, apart from each other, so many at most. */
final class Ranges {
    private final long[] starts;
    private final long[] ends;
    private int count;

    Ranges(int countMax) {
        this.starts = new long[countMax];
        this.ends = new long[countMax];
    }

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    long start(int range) {
        return starts[range];
    }

    long end(int range) {
        return ends[range];
    }

    /**
     * Adds a range, and joins it with those that it meets.
     *
     * @return false if there are too many, and it was not added
     */
    boolean add(long start, long end) {
        // New ones are mostly the last.
        int above = count;
        while (above > 0 && starts[above - 1] > end) {
            above--;
        }
        int first = above;
        while (first > 0 && ends[first - 1] >= start) {
            first--;
        }
        if (first == above) {
            return insert(first, start, end);
        }
        starts[first] = Math.min(starts[first], start);
        ends[first] = Math.max(ends[above - 1], end);
        remove(first + 1, above);
        return true;
    }

    private boolean insert(int range, long start, long end) {
        if (count == starts.length) {
            return false;
        }
        System.arraycopy(starts, range, starts, range + 1, count - range);
        System.arraycopy(ends, range, ends, range + 1, count - range);
        starts[range] = start;
        ends[range] = end;
        count++;
        return true;
    }

    /** Removes everything in front of a position. */
    void removeBelow(long position) {
        int gone = 0;
        while (gone < count && ends[gone] <= position) {
            gone++;
        }
        remove(0, gone);
        if (count > 0) {
            starts[0] = Math.max(starts[0], position);
        }
    }

    private void remove(int from, int to) {
        System.arraycopy(starts, to, starts, from, count - to);
        System.arraycopy(ends, to, ends, from, count - to);
        count -= to - from;
    }
}
