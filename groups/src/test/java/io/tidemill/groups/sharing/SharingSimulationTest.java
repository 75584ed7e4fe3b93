package io.tidemill.groups.sharing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.groups.sharing.SharingSimulation.Outcome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Records are shared, and none is lost, or delivered when it is done. */
class SharingSimulationTest {
    private static final int SEEDS = 500;
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
        long deliveries = 0;
        long redeliveries = 0;
        long refusals = 0;
        long deadLetters = 0;
        long repeatedCopies = 0;
        for (int seed = firstSeed; seed < firstSeed + seeds; seed++) {
            try {
                Outcome outcome = new SharingSimulation(seed).run();
                deliveries += outcome.deliveries();
                redeliveries += outcome.redeliveries();
                refusals += outcome.refusals();
                deadLetters += outcome.deadLetters();
                repeatedCopies += outcome.repeatedCopies();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("failing seed: new SharingSimulation(" + seed + ").run()", e);
            }
        }
        assertTrue(deliveries > 100L * seeds, "deliveries=" + deliveries);
        assertTrue(redeliveries > 10L * seeds, "redeliveries=" + redeliveries);
        assertTrue(refusals > 5L * seeds, "refusals=" + refusals);
        assertTrue(deadLetters > 5L * seeds, "deadLetters=" + deadLetters);
        assertTrue(repeatedCopies > seeds / 10, "repeatedCopies=" + repeatedCopies);
    }
}
