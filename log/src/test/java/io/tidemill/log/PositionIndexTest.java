package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.log.PositionIndex.Entry;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class PositionIndexTest {
    private final PositionIndex index = new PositionIndex();

    @Test
    void keepsOneBatchInEverySpacing() {
        for (int i = 0; i < 100; i++) {
            index.onBatch(i, 2_000 + i * (PositionIndex.SPACING_BYTES / 10));
        }

        assertEquals(new Entry(0, 2_000), index.floor(-5));
        assertEquals(new Entry(0, 2_000), index.floor(10));
        assertEquals(new Entry(11, 2_000 + 11 * (PositionIndex.SPACING_BYTES / 10)), index.floor(11));
    }

    @Test
    void keepsDamageAndTheBatchBehindIt() {
        index.onBatch(0, 100);
        index.onBatch(5, 200);
        index.onDamage(9, 300);
        index.onBatch(12, 400);
        index.onBatch(15, 500);

        assertEquals(new Entry(0, 100), index.floor(8));
        assertEquals(new Entry(9, 300), index.floor(11));
        assertEquals(new Entry(12, 400), index.floor(16));
    }

    @Test
    void agreesWithATree() {
        RandomGenerator random = new SplittableRandom(1);
        TreeMap<Long, Long> model = new TreeMap<>();
        long offset = 0;
        long position = 2_000;
        for (int i = 0; i < 10_000; i++) {
            index.onBatch(offset, position);
            model.put(offset, position);
            offset += random.nextInt(1, 10);
            position += PositionIndex.SPACING_BYTES + random.nextInt(100);

            long sought = random.nextLong(offset);
            assertEquals(
                    new Entry(model.floorKey(sought), model.floorEntry(sought).getValue()), index.floor(sought));
        }
    }
}
