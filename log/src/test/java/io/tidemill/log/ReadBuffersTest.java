package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.JvmAccess;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A buffer has one borrower at a time, is used again, and there are not more of them than said. */
final class ReadBuffersTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private final ReadBuffers buffers = new ReadBuffers();

    @Test
    void lendsEachBufferToOneBorrower() {
        Set<UnsafeBuffer> lent = Collections.newSetFromMap(new IdentityHashMap<>());
        UnsafeBuffer buffer = buffers.borrow();
        while (buffer != null) {
            assertTrue(lent.add(buffer));
            assertEquals(ReadBuffers.LENGTH, buffer.capacity());
            assertEquals(0, buffer.addressOffset() % ReadBuffers.ALIGNMENT);
            buffer = buffers.borrow();
        }

        assertEquals(64, lent.size());
    }

    @Test
    void lendsAgainWhatCameBack() {
        UnsafeBuffer first = buffers.borrow();
        UnsafeBuffer second = buffers.borrow();
        assertNotSame(first, second);

        buffers.giveBack(first);

        assertSame(first, buffers.borrow());
        assertNotSame(second, buffers.borrow());
    }

    @Test
    void refusesAndKeepsNoMoreThanItsLimits() {
        UnsafeBuffer[] lent = new UnsafeBuffer[64];
        for (int i = 0; i < lent.length; i++) {
            lent[i] = buffers.borrow();
        }
        assertNull(buffers.borrow());
        assertNull(buffers.borrow());

        for (UnsafeBuffer buffer : lent) {
            buffers.giveBack(buffer);
        }

        Set<UnsafeBuffer> before = Collections.newSetFromMap(new IdentityHashMap<>());
        Collections.addAll(before, lent);
        int kept = 0;
        for (int i = 0; i < 64; i++) {
            UnsafeBuffer buffer = buffers.borrow();
            assertNotNull(buffer);
            kept += before.remove(buffer) ? 1 : 0;
        }
        assertEquals(8, kept);
        assertNull(buffers.borrow());
    }
}
