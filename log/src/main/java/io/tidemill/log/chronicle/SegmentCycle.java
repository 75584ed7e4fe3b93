package io.tidemill.log.chronicle;

import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.rollcycles.RollCycleArithmetic;

/**
 * A roll cycle that has nothing to do with the calendar: cycle n is segment n. Chronicle counts days, so the time that it
 * is told is the segment's ordinal times a day.
 *
 * <p>The format must equal none of Chronicle's own: Chronicle would take the queue for one of those when its metadata file
 * is rebuilt. The index is as small as it may be, because nobody reads through it: a few kilobytes in each file.
 */
enum SegmentCycle implements RollCycle {
    INSTANCE;

    private static final int INDEX_COUNT = 128;
    private static final int INDEX_SPACING = 64 * 1024;
    private static final int DAY_MS = 24 * 60 * 60 * 1000;

    private final RollCycleArithmetic arithmetic = RollCycleArithmetic.of(INDEX_COUNT, INDEX_SPACING);

    static long timeMs(int ordinal) {
        return (long) ordinal * DAY_MS;
    }

    @Override
    public String format() {
        return "yyyyMMdd'.seg'";
    }

    @Override
    public int lengthInMillis() {
        return DAY_MS;
    }

    @Override
    public int defaultIndexCount() {
        return INDEX_COUNT;
    }

    @Override
    public int defaultIndexSpacing() {
        return INDEX_SPACING;
    }

    @Override
    public long toIndex(int cycle, long sequenceNumber) {
        return arithmetic.toIndex(cycle, sequenceNumber);
    }

    @Override
    public long toSequenceNumber(long index) {
        return arithmetic.toSequenceNumber(index);
    }

    @Override
    public int toCycle(long index) {
        return arithmetic.toCycle(index);
    }

    @Override
    public long maxMessagesPerCycle() {
        return arithmetic.maxMessagesPerCycle();
    }
}
