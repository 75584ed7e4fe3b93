package io.tidemill.groups.sharing;

import io.tidemill.groups.sharing.SharingSimulation.Outcome;
import io.tidemill.simulation.Outcomes;
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
        Outcomes.of("SharingSimulation", firstSeed, seeds, seed -> new SharingSimulation(seed).run())
                .requireOnAverage(100, "deliveries", Outcome::deliveries)
                .requireOnAverage(10, "redeliveries", Outcome::redeliveries)
                .requireOnAverage(5, "refusals", Outcome::refusals)
                .requireOnAverage(5, "deadLetters", Outcome::deadLetters)
                .requireOnAverage(0.1, "repeatedCopies", Outcome::repeatedCopies);
    }
}
