package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.runtime.JvmAccess;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A ring gives back what was put at a position, whatever it grew in between. */
class ByteRingTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int CAPACITY = 128 * 1024;

    @Test
    void agreesWithAnArrayOfAllBytes() {
        for (int seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] all = new byte[1 << 20];
            random.nextBytes(all);
            UnsafeBuffer source = new UnsafeBuffer(all);
            ByteRing ring = new ByteRing(CAPACITY);
            int end = 0;
            for (int i = 0; i < 200; i++) {
                int length = random.nextInt(Math.min(all.length - end, (int) (ring.limit() - end)) + 1);
                length = Math.min(length, random.nextInt(30_000));
                ring.put(end, source, end, length);
                end += length;
                check(ring, all, end, random, seed);
                ring.release(ring.start() + random.nextLong(end - ring.start() + 1));
            }
        }
    }

    private static void check(ByteRing ring, byte[] all, int end, SplittableRandom random, int seed) {
        int position = (int) ring.start() + random.nextInt(end - (int) ring.start() + 1);
        int length = end - position;
        DirectBuffer view = ring.view(position, length);
        byte[] copy = new byte[length + 3];
        ring.get(position, new UnsafeBuffer(copy), 3, length);
        for (int i = 0; i < length; i++) {
            assertEquals(all[position + i], view.getByte(i), "seed=" + seed);
            assertEquals(all[position + i], copy[i + 3], "seed=" + seed);
        }
    }

    @Test
    void anIntMayBePartedByTheEnd() {
        ByteRing ring = new ByteRing(16);
        ring.release(14);

        ring.putInt(14, 0x01020304);

        assertEquals(0x01020304, ring.getInt(14));
        assertEquals(0x04, ring.view(14, 4).getByte(0));
    }

    @Test
    void refusesMoreThanItsBound() {
        ByteRing ring = new ByteRing(16);

        assertThrows(IllegalStateException.class, () -> ring.put(10, new UnsafeBuffer(new byte[7]), 0, 7));
    }
}
