package io.tidemill.replication.secret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A number is new once. */
class ReplayWindowTest {
    private final ReplayWindow window = new ReplayWindow();

    @Test
    void aNumberIsNewUntilItWasSeen() {
        assertTrue(window.isNew(0));
        window.see(0);

        assertFalse(window.isNew(0));
        assertTrue(window.isNew(1));
    }

    @Test
    void whatIsOlderThanTheWindowIsNotNew() {
        window.see(ReplayWindow.LENGTH);

        assertFalse(window.isNew(0));
        assertTrue(window.isNew(1));
        assertFalse(window.isNew(-1));
    }

    @Test
    void aLeapForgetsEverythingInFrontOfIt() {
        window.see(5);
        window.see(10L * ReplayWindow.LENGTH + 6);

        assertTrue(window.isNew(10L * ReplayWindow.LENGTH + 5));
        assertTrue(window.isNew(9L * ReplayWindow.LENGTH + 7));
        assertFalse(window.isNew(9L * ReplayWindow.LENGTH + 6));
    }

    @Test
    void agreesWithASetOfNumbers() {
        for (int seed = 0; seed < 50; seed++) {
            ReplayWindow walked = new ReplayWindow();
            SplittableRandom random = new SplittableRandom(seed);
            Set<Long> seen = new HashSet<>();
            long end = 0;
            for (int i = 0; i < 3_000; i++) {
                long number = Math.max(0, end + random.nextLong(-5_000, random.nextInt(20) == 0 ? 9_000 : 10));
                boolean isNew = number >= end - ReplayWindow.LENGTH && !seen.contains(number);
                assertEquals(isNew, walked.isNew(number), "seed=" + seed + ", number=" + number + ", end=" + end);
                if (isNew) {
                    walked.see(number);
                    seen.add(number);
                    end = Math.max(end, number + 1);
                }
            }
        }
    }
}
