package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ranges are the set of positions that were added, in as few pieces as can be. */
class RangesTest {
    private static final int POSITIONS = 200;

    @Test
    void agreesWithASetOfPositions() {
        for (int seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Ranges ranges = new Ranges(POSITIONS);
            BitSet set = new BitSet();
            for (int i = 0; i < 60; i++) {
                int start = random.nextInt(POSITIONS - 1);
                if (random.nextInt(10) == 0) {
                    ranges.removeBelow(start);
                    set.clear(0, start);
                } else {
                    int end = start + 1 + random.nextInt(Math.min(20, POSITIONS - start));
                    assertTrue(ranges.add(start, end));
                    set.set(start, end);
                }
                assertEquals(set.toString(), text(ranges), "seed=" + seed);
            }
        }
    }

    private static String text(Ranges ranges) {
        BitSet set = new BitSet();
        for (int range = 0; range < ranges.count(); range++) {
            assertTrue(range == 0 || ranges.start(range) > ranges.end(range - 1), "not apart: range=" + range);
            set.set((int) ranges.start(range), (int) ranges.end(range));
        }
        return set.toString();
    }

    @Test
    void takesNoMoreThanItHasRoomFor() {
        Ranges ranges = new Ranges(2);
        ranges.add(10, 20);
        ranges.add(30, 40);

        assertFalse(ranges.add(0, 5));
        assertFalse(ranges.add(50, 60));
        assertTrue(ranges.add(15, 35));
        assertEquals(1, ranges.count());
    }
}
