package io.tidemill.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.tidemill.batch.BatchBuilder;
import io.tidemill.batch.Batches;
import io.tidemill.runtime.JvmAccess;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

class SpareBuildersTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int LARGE_BYTES = 64 * 1024;

    private final SpareBuilders spares = new SpareBuilders(3 * LARGE_BYTES);

    @Test
    void givesTheOneAgainThatWasUsedLast() {
        BatchBuilder first = spares.take();
        BatchBuilder second = spares.take();
        assertNotSame(first, second);

        spares.give(second);
        spares.give(first);

        assertSame(first, spares.take());
        assertSame(second, spares.take());
    }

    @Test
    void keepsNoMoreLargeOnesThanAllowed() {
        BatchBuilder[] builders = new BatchBuilder[5];
        for (int i = 0; i < builders.length; i++) {
            builders[i] = large();
        }
        for (BatchBuilder builder : builders) {
            spares.give(builder);
        }

        assertSame(builders[2], spares.take());
        assertEquals(0, builders[3].capacity());
        assertEquals(0, builders[4].capacity());
        spares.give(large());
        assertEquals(LARGE_BYTES, spares.take().capacity());
    }

    @Test
    void keepsSmallOnesBesideThem() {
        for (int i = 0; i < 3; i++) {
            spares.give(large());
        }
        BatchBuilder small = new BatchBuilder();

        spares.give(small);

        assertSame(small, spares.take());
    }

    private static BatchBuilder large() {
        BatchBuilder builder = new BatchBuilder();
        DirectBuffer record = Batches.record(-1, null, new byte[LARGE_BYTES / 2]);
        builder.add(record, 0, record.capacity(), 0);
        builder.clear();
        assertEquals(LARGE_BYTES, builder.capacity());
        return builder;
    }
}
