package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tidemill.log.PositionIndex.Entry;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PositionIndexTest {
    private final PositionIndex index = new PositionIndex();

    @Test
    void keepsOneBatchInEverySpacing() {
        for (int i = 0; i < 100; i++) {
            index.onBatch(i, 2_000 + i * (PositionIndex.SPACING_BYTES / 10), 0);
        }

        int step = PositionIndex.SPACING_BYTES / 10;
        Entry first = new Entry(0, 2_000, PositionIndex.NO_TIMESTAMP, 2_000 + 11 * step);
        assertEquals(first, index.floor(-5));
        assertEquals(first, index.floor(10));
        assertEquals(new Entry(11, 2_000 + 11 * step, 0, 2_000 + 22 * step), index.floor(11));
        assertEquals(new Entry(99, 2_000 + 99 * step, 0, Long.MAX_VALUE), index.last());
    }

    @Test
    void isTheSameWhenItIsReadAgain(@TempDir Path directory) {
        Path path = directory.resolve("index");
        assertNull(PositionIndex.read(path));
        for (int i = 0; i < 1000; i++) {
            index.onBatch(10 * i, 2_000L + (long) i * PositionIndex.SPACING_BYTES, 500 - i);
        }
        index.write(path);

        PositionIndex read = PositionIndex.read(path);

        for (int i = 0; i < 10_000; i++) {
            assertEquals(index.floor(i), read.floor(i));
        }
        assertEquals(index.first(), read.first());
        assertEquals(index.last(), read.last());
        assertEquals(500, read.maxTimestamp());
        assertEquals(8 + 1000 * 24, read.length());
    }

    @Test
    void agreesWithATree() {
        RandomGenerator random = new SplittableRandom(1);
        TreeMap<Long, Long> byOffset = new TreeMap<>();
        TreeMap<Long, Long> byTime = new TreeMap<>();
        long offset = 0;
        long position = 2_000;
        long maxTime = PositionIndex.NO_TIMESTAMP;
        for (int i = 0; i < 10_000; i++) {
            long time = i + random.nextInt(100);
            index.onBatch(offset, position, time);
            byOffset.put(offset, position);
            byTime.put(maxTime, position);
            maxTime = Math.max(maxTime, time);
            offset += random.nextInt(1, 10);
            position += PositionIndex.SPACING_BYTES + random.nextInt(100);

            long sought = random.nextLong(offset);
            Entry found = index.floor(sought);
            assertEquals(byOffset.floorKey(sought), found.baseOffset());
            assertEquals(byOffset.floorEntry(sought).getValue(), found.position());
            Map.Entry<Long, Long> next = byOffset.higherEntry(sought);
            assertEquals(next == null ? Long.MAX_VALUE : next.getValue(), found.nextPosition());
            long soughtTime = random.nextInt(i + 200);
            Entry foundByTime = index.floorOfTime(soughtTime);
            assertEquals(byTime.lowerKey(soughtTime), foundByTime.maxTimestampBefore());
            assertEquals(byTime.lowerEntry(soughtTime).getValue(), foundByTime.position());
        }
        assertEquals(index.first(), index.floorOfTime(Long.MIN_VALUE));
    }
}
