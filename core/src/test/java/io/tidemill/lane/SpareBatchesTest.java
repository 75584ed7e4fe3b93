package io.tidemill.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.tidemill.TopicSettings;
import io.tidemill.batch.Batches;
import io.tidemill.runtime.JvmAccess;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

class SpareBatchesTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int LARGE_BYTES = 64 * 1024;

    private final SpareBatches spares = new SpareBatches(3 * LARGE_BYTES);

    @Test
    void givesTheOneAgainThatWasUsedLast() {
        GatheredBatch first = spares.take();
        GatheredBatch second = spares.take();
        assertNotSame(first, second);

        second.appended(0, 0);
        first.appended(0, 0);

        assertSame(first, spares.take());
        assertSame(second, spares.take());
    }

    @Test
    void keepsNoMoreLargeOnesThanAllowed() {
        GatheredBatch[] batches = new GatheredBatch[5];
        for (int i = 0; i < batches.length; i++) {
            batches[i] = large();
        }
        for (GatheredBatch batch : batches) {
            batch.appended(0, 0);
        }

        assertSame(batches[2], spares.take());
        assertEquals(0, batches[3].capacityBytes());
        assertEquals(0, batches[4].capacityBytes());
        large().appended(0, 0);
        assertEquals(LARGE_BYTES, spares.take().capacityBytes());
    }

    @Test
    void keepsSmallOnesBesideThem() {
        for (int i = 0; i < 3; i++) {
            large().appended(0, 0);
        }
        GatheredBatch small = new GatheredBatch(spares);

        small.appended(0, 0);

        assertSame(small, spares.take());
    }

    private GatheredBatch large() {
        GatheredBatch batch = new GatheredBatch(spares);
        DirectBuffer record = Batches.record(-1, null, new byte[LARGE_BYTES / 2]);
        batch.add(record, 0, record.capacity(), 1, null, TopicSettings.partitions(1), 0);
        assertEquals(LARGE_BYTES, batch.capacityBytes());
        return batch;
    }
}
