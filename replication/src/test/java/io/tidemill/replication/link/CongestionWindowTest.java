package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How much may be under way follows from what arrives and what does not. */
class CongestionWindowTest {
    private static final int FRAME = 1000;
    private static final long MAX = 1_000_000;

    private final CongestionWindow window = new CongestionWindow(MAX, FRAME);

    /** One window's worth arrives, but for a part. */
    private void round(double loss) {
        long bytes = window.bytes();
        window.onLost((long) (bytes * loss));
        for (long acked = 0; acked < bytes; acked += FRAME) {
            window.onAcked(FRAME, true);
        }
    }

    @Test
    void doublesUntilSomethingIsLost() {
        long before = window.bytes();

        round(0);

        assertEquals(2.0 * before, window.bytes(), FRAME);
    }

    @Test
    void isBounded() {
        for (int i = 0; i < 20; i++) {
            round(0);
        }

        assertEquals(MAX, window.bytes());
    }

    @Test
    void toleratesALittleLoss() {
        for (int i = 0; i < 20; i++) {
            round(0.01);
        }

        assertEquals(MAX, window.bytes());
    }

    @Test
    void losesThePartThatWasLostAndThenGrowsSlowly() {
        for (int i = 0; i < 20; i++) {
            round(0);
        }

        round(0.25);
        assertEquals(0.8 * MAX, window.bytes(), 0.04 * MAX);
        long before = window.bytes();
        round(0);
        assertEquals(1.03 * before, window.bytes(), 0.03 * before);
    }

    @Test
    void losesHalfAtMost() {
        for (int i = 0; i < 20; i++) {
            round(0);
        }

        round(5);

        assertEquals(0.5 * MAX, window.bytes(), 0.04 * MAX);
    }

    @Test
    void startsAgainAfterSilence() {
        for (int i = 0; i < 20; i++) {
            round(0);
        }

        window.onSilence();

        assertEquals(4 * FRAME, window.bytes());
        round(0);
        assertTrue(window.bytes() >= 8 * FRAME);
    }

    @Test
    void doesNotGrowWhereItIsNotUsed() {
        long before = window.bytes();

        for (int i = 0; i < 100; i++) {
            window.onAcked(FRAME, false);
        }

        assertEquals(before, window.bytes());
    }

    @Test
    void holdsSomeFramesOfWhateverLength() {
        window.onFrameBytes(60_000);

        assertEquals(4 * 60_000, window.bytes());
    }
}
