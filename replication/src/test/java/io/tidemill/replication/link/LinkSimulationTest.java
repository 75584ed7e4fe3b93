package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.replication.link.LinkSimulation.Outcome;
import io.tidemill.runtime.JvmAccess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each session delivers a prefix of what was sent, once and in order, and never stalls on a wire that works. */
class LinkSimulationTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int SEEDS = 300;
    private static final int MANY_SEEDS = 10_000;

    @Test
    void holdsUnderEverythingThatHappens() {
        run(0, SEEDS);
    }

    @Test
    @Tag("long")
    void holdsUnderMuchMore() {
        run(SEEDS, MANY_SEEDS);
    }

    private static void run(int firstSeed, int seeds) {
        long received = 0;
        long restarts = 0;
        long disconnects = 0;
        long calm = 0;
        for (int seed = firstSeed; seed < firstSeed + seeds; seed++) {
            try {
                Outcome outcome = new LinkSimulation(seed).run();
                received += outcome.received();
                restarts += outcome.restarts();
                disconnects += outcome.disconnects();
                calm += outcome.calm();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("failing seed: new LinkSimulation(" + seed + ").run()", e);
            }
        }
        assertTrue(received > 1_000L * seeds, "received=" + received);
        assertTrue(restarts > 5L * seeds, "restarts=" + restarts);
        assertTrue(disconnects > 5L * seeds, "disconnects=" + disconnects);
        assertTrue(calm > seeds / 5, "calm=" + calm);
    }
}
