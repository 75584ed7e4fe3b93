package io.tidemill.log.chronicle;

import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.rollcycles.RollCycleArithmetic;

/**
 * A roll cycle that has nothing to do with the calendar, and never rolls: it knows one segment.
 *
 * <p>The format must equal none of Chronicle's own: Chronicle would take the queue for one of those when its metadata file
 * is rebuilt. The index is as small as it may be, because nobody reads through it: a few kilobytes in each file.
 */
final class SegmentCycle implements RollCycle {
    private static final int INDEX_COUNT = 128;
    private static final int INDEX_SPACING = 64 * 1024;
    private static final RollCycleArithmetic ARITHMETIC = RollCycleArithmetic.of(INDEX_COUNT, INDEX_SPACING);

    private final SegmentName name;

    SegmentCycle(SegmentName name) {
        this.name = name;
    }

    @Override
    public String format() {
        return name.pattern();
    }

    @Override
    public int lengthInMillis() {
        return SegmentName.DAY_MS;
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
        return ARITHMETIC.toIndex(cycle, sequenceNumber);
    }

    @Override
    public long toSequenceNumber(long index) {
        return ARITHMETIC.toSequenceNumber(index);
    }

    @Override
    public int toCycle(long index) {
        return ARITHMETIC.toCycle(index);
    }

    @Override
    public long maxMessagesPerCycle() {
        return ARITHMETIC.maxMessagesPerCycle();
    }
}
